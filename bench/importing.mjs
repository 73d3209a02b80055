/**
 * Question: what does it cost to import the package, over what Node itself costs, and what comes with it?
 *
 * Every import is a process of its own; those of each package, and of none, take turns.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "./support/measure.mjs";
import { goalAtMost, medianOf, spreadCells, tableOf } from "./support/report.mjs";
import { requireAt, requireEntry } from "./support/require.mjs";
import { requiredPackages } from "./support/required-packages.mjs";

/** @import { BenchOptions, Report } from "./support/report.mjs" */

/** @typedef {ReturnType<typeof measureOne>} ImportFigures */
/** @typedef {Record<string, ImportFigures[]>} Imports by name */

const bare = "nothing";
const ours = "cachewell";
const ourAddress = import.meta.resolve("cachewell");
/** @type {Readonly<Record<string, string>>} */
const addresses = {
  [ours]: ourAddress,
  "@redis/client": "@redis/client",
  ioredis: "ioredis6",
  "cache-manager": "cache-manager",
  cacheable: "cacheable",
  bentocache: "bentocache",
};
const names = [bare, ...Object.keys(addresses)];
const printCost = "process.stdout.write(JSON.stringify(process.cpuUsage()))";
/** One folder for all, so that Node resolves no package faster than another. */
const cwd = new URL(".", import.meta.url);

/**
 * @param {BenchOptions} options
 * @returns {Promise<Report>}
 */
export async function run({ isQuick }) {
  const times = isQuick ? 5 : 40;
  const imports = measureAll(times);
  const own = loadedFiles(ourAddress);
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

/** @param {number} times */
function measureAll(times) {
  /** @type {Imports} */
  const imports = Object.fromEntries(names.map((name) => [name, []]));
  for (let beat = -1; beat < times; beat += 1) {
    for (const name of names) {
      const figures = measureOne(addresses[name]);
      if (beat >= 0) requireEntry(imports, name).push(figures); // the first warms the file system up
    }
  }
  return imports;
}

/** @param {string | undefined} address none for Node alone */
function measureOne(address) {
  const startedAt = performance.now();
  const { user, system } = JSON.parse(runNode(address));
  return { wallMs: performance.now() - startedAt, cpuMs: (user + system) / 1_000 };
}

/**
 * Returns what a process prints that imports a package, or none, and then prints its cost.
 *
 * @param {string | undefined} address
 * @param {NodeJS.ProcessEnv} [env]
 */
function runNode(address, env = process.env) {
  const script =
    address === undefined
      ? printCost
      : `import(${JSON.stringify(address)}).then(() => { ${printCost}; process.exit(); })`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ["-e", script], {
    cwd,
    env,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`Importing ${address} failed: ${stderr}`);
  return stdout;
}

/**
 * Returns the addresses of all files that an import runs, by Node's own coverage.
 *
 * @param {string} address
 */
function loadedFiles(address) {
  const folder = mkdtempSync(join(tmpdir(), "cachewell-bench-"));
  try {
    runNode(address, { ...process.env, NODE_V8_COVERAGE: folder });
    const file = requireAt(readdirSync(folder), 0);
    /** @type {{ result: readonly { url: string }[] }} */
    const { result } = JSON.parse(readFileSync(join(folder, file), "utf8"));
    return result.map(({ url }) => url).filter((url) => url.startsWith("file:"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {Imports} imports */
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

/**
 * @param {Imports} imports
 * @param {string} name
 */
function importRow(imports, name) {
  return [name, ...figureCells("wallMs", imports, name), ...figureCells("cpuMs", imports, name)];
}

/**
 * @param {keyof ImportFigures} figure
 * @param {Imports} imports
 * @param {string} name
 */
function figureCells(figure, imports, name) {
  const over = name === bare ? ["–", "–"] : spreadCells(overBare(figure, imports, name));
  return [medianOf(figure, requireEntry(imports, name)).toFixed(1), ...over];
}

/**
 * Returns what an import took over none in the same beat.
 *
 * @param {keyof ImportFigures} figure
 * @param {Imports} imports
 * @param {string} name
 */
function overBare(figure, imports, name) {
  const none = requireEntry(imports, bare);
  return requireEntry(imports, name).map(
    (figures, beat) => figures[figure] - requireAt(none, beat)[figure],
  );
}
