/**
 * Measures every question of RESULTS.md, one after the other, and writes that file and the charts in
 * the docs. `--quick` takes a few minutes instead of many: what it writes calls itself a try.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { questions } from "./questions.mjs";
import { canPin } from "./sessions/cores.mjs";
import { machine } from "./support/machine.mjs";
import { onRedis } from "./support/on-redis.mjs";
import { textOf } from "./support/report.mjs";
import { sessionOf } from "./support/values.mjs";

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

export async function run({ isQuick }) {
  const place = machine(await redisVersion());
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
  "**A try, not for the record**: `npm run bench -- results --quick` wrote this, with few and short turns, on " +
  "whatever else the machine was doing. No figure here is to be quoted.";

function howMeasured() {
  const bytes = Buffer.byteLength(JSON.stringify(sessionOf(4_213)));
  const cores = canPin
    ? "Where clients are compared, they share one core and Redis has another."
    : "No core could be set aside.";
  return (
    "Written by `npm run bench -- results`, together with the charts in the docs. Every contender is opened in a " +
    `process of its own; all are warmed up, and take short turns, beat by beat. ${cores} A ratio is taken within a beat; ` +
    "what is printed is the median of the beats, and the middle half of the ratios. CPU is that of the contender's process. " +
    `A value is a session of ${bytes} bytes as JSON, written with a lifetime of 300 s. cachewell has its defaults: ` +
    "every call is bounded by a deadline, counted, and guarded by a circuit breaker. “node-redis, tuned” is node-redis " +
    "with its timeout per command off, and `JSON.parse` and `JSON.stringify` around it; “node-redis” has its defaults. " +
    "Requests of whole applications are in [SESSIONS.md](SESSIONS.md), faults in [FAULTS.md](FAULTS.md)."
  );
}

function versions() {
  const { dependencies } = JSON.parse(
    readFileSync(new URL("package.json", import.meta.url), "utf8"),
  );
  const named = peers.map((name) =>
    dependencies[name].startsWith("npm:")
      ? dependencies[name].slice("npm:".length).replace("@", " ")
      : `${name} ${dependencies[name]}`,
  );
  return `Peers: ${named.join(", ")} (the last one under bentocache).`;
}

function verdictOf(reports) {
  const goals = reports.flatMap((report) => report.goals);
  const missed = goals.filter(({ isMet }) => !isMet).map(({ what }) => what);
  const met = `${goals.length - missed.length} of ${goals.length} goals are met`;
  return missed.length === 0 ? `${met}.` : `${met}. Missed: ${missed.join("; ")}.`;
}

/** One that fails leaves the others their turn. */
async function answer(name, isQuick) {
  console.error(name);
  try {
    const { run: measure } = await import(`./${name}.mjs`);
    const report = await measure({ isQuick });
    console.log(`${textOf(report)}\n`);
    return report;
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
    return {
      title: name,
      how: "**It failed**, and nothing was measured.",
      tables: [],
      goals: [unmet(name)],
    };
  }
}

function unmet(name) {
  return { what: `all of ${name}`, goal: "a figure", measured: "–", isMet: false };
}

function redisVersion() {
  return onRedis(
    async (server) => /redis_version:(\S+)/.exec(await server.cli("INFO", "server"))?.[1],
  );
}
