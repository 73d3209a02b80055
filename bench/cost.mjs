/**
 * Question: what does an operation cost in CPU, beside the same operation of an earlier commit?
 *
 * `npm run bench -- cost --against=<commit>`. The commit is built aside; both builds take turns, each
 * turn a process of its own on the same server, and the cheapest of its stretches counts: what else
 * the machine does only ever makes one dearer. A ratio below 1 means that it has become cheaper.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { startRedisServer } from "../dist/testing/index.js";
import { machine } from "./support/machine.mjs";
import { median } from "./support/measure.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const rounds = Number(process.env.BENCH_ROUNDS ?? 8);
const cases = [
  { operation: "get", concurrency: 1 },
  { operation: "get", concurrency: 16 },
  { operation: "get", concurrency: 128 },
  { operation: "set", concurrency: 128 },
];

export async function run() {
  const commit = commitAskedFor();
  const folder = mkdtempSync(join(tmpdir(), "cachewell-bench-"));
  const server = await startRedisServer();
  try {
    const builds = { before: buildOf(commit, folder), now: join(root, "dist") };
    const version = /redis_version:(\S+)/.exec(await server.cli("INFO", "server"))?.[1];
    console.log(`${machine(version)}; ${rounds} rounds, against ${commit}\n`);
    console.log("| operation | at once | µs CPU before | µs CPU now | now ÷ before | spread |");
    console.log("| --- | ---: | ---: | ---: | ---: | ---: |");
    for (const one of cases) console.log(await tableRow(one, builds, server.url()));
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function commitAskedFor() {
  const option = process.argv.find((argument) => argument.startsWith("--against="));
  const commit = option?.slice("--against=".length);
  if (!commit) throw new Error("Say with what: npm run bench -- cost --against=<commit>.");
  return execFileSync("git", ["rev-parse", "--short", commit], {
    cwd: root,
    encoding: "utf8",
  }).trim();
}

/** Builds a commit of this repository with the tools that are installed now. */
function buildOf(commit, folder) {
  const archive = execFileSync("git", ["archive", commit], { cwd: root, maxBuffer: 2 ** 28 });
  mkdirSync(join(folder, "source"));
  execFileSync("tar", ["-x", "-C", join(folder, "source")], { input: archive });
  symlinkSync(join(root, "node_modules"), join(folder, "source", "node_modules"));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], {
    cwd: join(folder, "source"),
    stdio: "inherit",
  });
  return join(folder, "source", "dist");
}

async function tableRow({ operation, concurrency }, builds, url) {
  const before = [];
  const now = [];
  for (let round = 0; round < rounds; round += 1) {
    const turns = [
      async () => before.push(await cost(builds.before, operation, concurrency, url)),
      async () => now.push(await cost(builds.now, operation, concurrency, url)),
    ];
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn();
  }
  const ratios = now.map((micros, round) => micros / before[round]);
  const spread = [Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(2));
  const figures = [median(before), median(now)].map((micros) => micros.toFixed(2));
  const cells = [
    operation,
    concurrency,
    ...figures,
    median(ratios).toFixed(3),
    spread.join(" to "),
  ];
  return `| ${cells.join(" | ")} |`;
}

async function cost(build, operation, concurrency, url) {
  const turn = fileURLToPath(new URL("./support/cost-turn.mjs", import.meta.url));
  const child = spawn(process.execPath, [turn, build, operation, concurrency, url], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return Number(await text(child.stdout));
}
