/**
 * Question: what does it cost to import the package, over what Node itself costs, and what comes with it?
 *
 * Every import is a process of its own; those of all packages, and of none, take turns.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "./support/measure.mjs";
import { goalAtMost, medianOf, spreadCells, tableOf } from "./support/report.mjs";
import { requiredPackages } from "./support/required-packages.mjs";

const bare = "nothing";
const ours = "cachewell";
const addresses = {
  [ours]: new URL("../dist/index.js", import.meta.url).href,
  "@redis/client": "@redis/client",
  ioredis: "ioredis6",
  "cache-manager": "cache-manager",
  cacheable: "cacheable",
  bentocache: "bentocache",
};
const names = [bare, ...Object.keys(addresses)];
const tellCost = "process.stdout.write(JSON.stringify(process.cpuUsage()))";
/** Everybody's, so that none is found faster than another. */
const cwd = new URL(".", import.meta.url);

export async function run({ isQuick }) {
  const times = isQuick ? 5 : 40;
  const imports = measureAll(times);
  const own = loadedFiles(addresses[ours]);
  const clients = own.filter((file) =>
    /node_modules\/(@redis\/client|ioredis|iovalkey|@valkey)/.test(file),
  );
  const required = requiredPackages(new URL("../", import.meta.url));
  return {
    title: "Importing",
    how:
      "`node -e 'import(…)'` over `node -e 0`, each import a process of its own, and what came with it as packages. " +
      `cachewell requires ${required.join(", ")}; importing it loads ${own.length} files, of which ` +
      `${clients.length} are of a Redis client. Medians of ${times} beats.`,
    tables: [importTable(imports)],
    goals: [
      goalAtMost(
        "importing cachewell: ms over bare Node",
        25,
        median(overBare("wallMs", imports, ours)),
      ),
      goalAtMost(
        "importing cachewell: ms of CPU over bare Node",
        25,
        median(overBare("cpuMs", imports, ours)),
      ),
      goalAtMost("files of a Redis client that importing loads", 0, clients.length, String),
      goalAtMost("packages that cachewell requires", 4, required.length, String),
    ],
  };
}

function measureAll(times) {
  const imports = Object.fromEntries(names.map((name) => [name, []]));
  for (let beat = -1; beat < times; beat += 1) {
    for (const name of names) {
      const figures = measureOne(addresses[name]);
      if (beat >= 0) imports[name].push(figures); // the first warms the file system up
    }
  }
  return imports;
}

function measureOne(address) {
  const startedAt = performance.now();
  const { user, system } = JSON.parse(runNode(address));
  return { wallMs: performance.now() - startedAt, cpuMs: (user + system) / 1_000 };
}

/** Returns what a process printed that imports a package, or none, and then tells its cost. */
function runNode(address, env = process.env) {
  const script =
    address === undefined
      ? tellCost
      : `import(${JSON.stringify(address)}).then(() => { ${tellCost}; process.exit(); })`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ["-e", script], {
    cwd,
    env,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`Importing ${address} failed: ${stderr}`);
  return stdout;
}

/** Returns the addresses of all files that an import runs, as Node's own coverage tells. */
function loadedFiles(address) {
  const folder = mkdtempSync(join(tmpdir(), "cachewell-bench-"));
  try {
    runNode(address, { ...process.env, NODE_V8_COVERAGE: folder });
    const [file] = readdirSync(folder);
    const { result } = JSON.parse(readFileSync(join(folder, file), "utf8"));
    return result.map(({ url }) => url).filter((url) => url.startsWith("file:"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function importTable(imports) {
  const titles = [
    "imported",
    "ms",
    "over bare",
    "middle half",
    "ms CPU",
    "over bare",
    "middle half",
  ];
  return tableOf(
    titles,
    names.map((name) => importRow(imports, name)),
    1,
  );
}

function importRow(imports, name) {
  return [name, ...figureCells("wallMs", imports, name), ...figureCells("cpuMs", imports, name)];
}

function figureCells(figure, imports, name) {
  const over = name === bare ? ["–", "–"] : spreadCells(overBare(figure, imports, name));
  return [medianOf(figure, imports[name]).toFixed(1), ...over];
}

/** Returns what an import took over none in the same beat. */
function overBare(figure, imports, name) {
  return imports[name].map((figures, beat) => figures[figure] - imports[bare][beat][figure]);
}
