/**
 * Question: how long does it take to remove a million keys by pattern, beside redis-cli and a shell
 * pipeline, how much memory does it want, and what do other clients notice meanwhile?
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { startWorker } from "./faults/worker-process.mjs";
import { appCore, canPin, otherCore, pin } from "./sessions/cores.mjs";
import { fillKeys } from "./support/filling.mjs";
import { median, quantile } from "./support/measure.mjs";
import { onRedis } from "./support/on-redis.mjs";
import { goalAtMost, medianOf, ratioCells, ratiosOf, tableOf } from "./support/report.mjs";
import { sessionOf } from "./support/values.mjs";

const runFile = promisify(execFile);
const ours = "cachewell";
const shell = "redis-cli";
const names = [ours, shell];
const storedPrefix = ":1:gone:";

export async function run({ isQuick }) {
  const [count, beats] = isQuick ? [100_000, 3] : [1_000_000, 7];
  const turns = await onRedis((server) => playAll(server, { count, beats }));
  return {
    title: "Removing by pattern",
    how:
      `\`deletePattern("gone:*")\` over ${count.toLocaleString("en")} keys, beside ` +
      `\`${shellLine("redis-cli", await scanOptions())}\`, on a server that is filled ` +
      "anew for each turn. The heap is looked at every 10 ms, garbage and all. Another client pings every 2 ms. " +
      `Medians of ${beats} beats; of the pings, all of them.`,
    tables: [turnTable(turns)],
    goals: [
      goalAtMost(
        "time: cachewell ÷ redis-cli",
        1.2,
        median(ratiosOf("tookMs", turns[ours], turns[shell])),
      ),
      goalAtMost("growth of the heap, MB", 40, medianOf("heapMegabytes", turns[ours])),
      goalAtMost("PING of another client meanwhile, p99, ms", 20, pingAt(0.99, turns[ours])),
    ],
  };
}

async function playAll(server, { count, beats }) {
  const [remover, pinger] = ["deleting/remover.mjs", "support/pinger.mjs"].map((file) =>
    startWorker(new URL(file, import.meta.url)),
  );
  try {
    for (const { pid, core } of [
      { pid: server.pid, core: otherCore },
      { pid: remover.pid, core: appCore },
    ])
      pin(pid, core);
    for (const worker of [remover, pinger]) await worker.ask("open", { url: server.url() });
    return await playBeats({ server, remover, pinger, count }, beats);
  } finally {
    for (const worker of [remover, pinger]) await worker.stop();
  }
}

async function playBeats(place, beats) {
  const turns = { [ours]: [], [shell]: [] };
  const ways = {
    [ours]: () => place.remover.ask("remove", { pattern: "gone:*" }),
    [shell]: () => removeByShell(place.server),
  };
  for (let beat = 0; beat < beats; beat += 1) {
    for (const name of beat % 2 === 0 ? names : names.toReversed()) {
      turns[name].push(await playTurn(place, ways[name]));
    }
  }
  return turns;
}

async function playTurn({ server, pinger, count }, remove) {
  const text = JSON.stringify(sessionOf(count));
  await fillKeys(server, { database: 0, keyPrefix: storedPrefix, count, text });
  await pinger.ask("start");
  const figures = await remove();
  const pings = await pinger.ask("stop");
  if (figures.removed !== count) throw new Error(`${figures.removed} of ${count} keys went.`);
  return { ...figures, pings };
}

async function removeByShell(server) {
  const line = shellLine(`redis-cli -s '${server.socketPath}'`, await scanOptions());
  const before = Number(await server.cli("DBSIZE"));
  const [command, ...args] = [...(canPin ? ["taskset", "-c", `${appCore}`] : []), "sh", "-c", line];
  const startedAt = performance.now();
  await runFile(command, args, { maxBuffer: 2 ** 26 });
  const tookMs = performance.now() - startedAt;
  return { removed: before - Number(await server.cli("DBSIZE")), tookMs };
}

function shellLine(cli, options) {
  return `${cli} --scan --pattern '${storedPrefix}*'${options} | xargs -L 1000 ${cli} UNLINK`;
}

/** Later versions of redis-cli look at as many keys per step as they are told to. */
async function scanOptions() {
  const { stdout, stderr } = await runFile("redis-cli", ["--help"]);
  return /--count/.test(stdout + stderr) ? " --count 1000" : "";
}

function turnTable(turns) {
  const titles = [
    "removed by",
    "s",
    `${ours} ÷ it`,
    "middle half",
    "heap, MB",
    "PING p50, ms",
    "p99",
    "longest",
  ];
  const rows = names.map((name) => turnRow(turns, name));
  return tableOf(titles, rows, 1);
}

function turnRow(turns, name) {
  return [
    name,
    (medianOf("tookMs", turns[name]) / 1_000).toFixed(2),
    ...(name === ours ? ["–", "–"] : ratioCells(ratiosOf("tookMs", turns[ours], turns[name]))),
    name === ours ? medianOf("heapMegabytes", turns[name]).toFixed(1) : "–",
    ...[0.5, 0.99, 1].map((share) => pingAt(share, turns[name]).toFixed(2)),
  ];
}

function pingAt(share, turns) {
  return quantile(
    turns.flatMap(({ pings }) => pings),
    share,
  );
}
