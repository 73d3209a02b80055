/**
 * Measures every question of RESULTS.md, one after the other, and writes that file and the charts in
 * the docs. `--quick` takes a few minutes instead of many, and marks what it writes as a try.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { questions } from "./questions.mjs";
import { canPin } from "./support/cores.mjs";
import { machineOf } from "./support/machine.mjs";
import { onRedis } from "./support/on-redis.mjs";
import { peerVersions } from "./support/packages.mjs";
import { textOf } from "./support/report.mjs";
import { sessionOf } from "./support/values.mjs";

/** @import { Bench, BenchOptions, Goal, Report } from "./support/report.mjs" */

const charts = new URL("../docs/charts/", import.meta.url);
const peers = [
  "@redis/client",
  "ioredis6",
  "cache-manager",
  "keyv",
  "@keyv/redis",
  "cacheable",
  "bentocache",
  "ioredis",
];

/** @param {BenchOptions} options */
export async function run({ isQuick }) {
  const place = await onRedis(machineOf);
  /** @type {Report[]} */
  const reports = [];
  for (const name of questions) reports.push(await answer(name, isQuick));
  const head = [`# Results`, ...(isQuick ? [aTry] : []), howMeasured(), place, versions()];
  const text = [...head, verdictOf(reports), ...reports.map(textOf)].join("\n\n");
  writeFileSync(new URL("RESULTS.md", import.meta.url), `${text}\n`);
  mkdirSync(charts, { recursive: true });
  for (const [file, svg] of reports.flatMap((report) => Object.entries(report.charts ?? {})))
    writeFileSync(new URL(file, charts), svg);
}

const aTry =
  "**A try, not for the record**: `npm run bench -- results --quick` wrote this, with few and short turns, on a " +
  "machine that may have been busy. Do not quote its figures.";

function howMeasured() {
  const bytes = Buffer.byteLength(JSON.stringify(sessionOf(4_213)));
  const cores = canPin
    ? "Where clients are compared, they share one core and Redis has another."
    : "All share the cores.";
  return (
    "`npm run bench -- results` writes this file, together with the charts in the docs. Every contender opens in a " +
    `process of its own; all warm up, and take short turns, beat by beat. ${cores} A ratio compares turns of one beat; ` +
    "the tables show the median of the beats, and the middle half of the ratios. CPU is that of the contender's process. " +
    `A value is a session of ${bytes} bytes as JSON, written with a lifetime of 300 s. cachewell has its defaults: ` +
    "every call has a deadline, is counted, and goes through a circuit breaker. “node-redis, tuned” is node-redis " +
    "with its timeout per command off, and `JSON.parse` and `JSON.stringify` around it; “node-redis” has its defaults. " +
    "Requests of whole applications are in [SESSIONS.md](SESSIONS.md), faults in [FAULTS.md](FAULTS.md)."
  );
}

function versions() {
  const installed = peerVersions();
  const named = peers.map((name) => {
    const version = installed[name] ?? "";
    return version.startsWith("npm:")
      ? version.slice("npm:".length).replace("@", " ")
      : `${name} ${version}`;
  });
  return `Peers: ${named.join(", ")} (the last one under bentocache).`;
}

/** @param {readonly Report[]} reports */
function verdictOf(reports) {
  const goals = reports.flatMap((report) => report.goals);
  const missed = goals.filter(({ isMet }) => !isMet).map(({ what }) => what);
  const met = `${goals.length - missed.length} of ${goals.length} goals are met`;
  return missed.length === 0 ? `${met}.` : `${met}. Missed: ${missed.join("; ")}.`;
}

/**
 * Measures one question. If it fails, the others are still measured.
 *
 * @param {string} name
 * @param {boolean} isQuick
 * @returns {Promise<Report>}
 */
async function answer(name, isQuick) {
  console.error(name);
  try {
    /** @type {Bench} */
    const bench = await import(`./${name}.mjs`);
    const report = await bench.run({ isQuick });
    if (!report) throw new Error(`The bench "${name}" returned no report.`);
    console.log(`${textOf(report)}\n`);
    return report;
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
    return {
      title: name,
      how: "**It failed**, without a figure.",
      tables: [],
      goals: [unmet(name)],
    };
  }
}

/**
 * @param {string} name
 * @returns {Goal}
 */
function unmet(name) {
  return { what: `all of ${name}`, goal: "a figure", measured: "–", isMet: false };
}
