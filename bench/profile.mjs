/**
 * Question: where does the CPU of an operation go?
 *
 * V8's profiler samples this process every 100 µs, after a warm-up; Redis has another core. A place gets the
 * samples whose innermost function belongs to it. Idle time does not count.
 */
import { Session } from "node:inspector/promises";
import { createCache } from "cachewell";
import { appCore, otherCore, pin } from "./support/cores.mjs";
import { machineOf } from "./support/machine.mjs";
import { measure } from "./support/measure.mjs";
import { onRedis } from "./support/on-redis.mjs";
import { requireAt } from "./support/require.mjs";
import { session } from "./support/session.mjs";

/** @import { Profiler, Runtime } from "node:inspector" */
/** @import { Cache } from "cachewell" */
/** @import { RedisServer } from "cachewell/testing" */
/** @import { Operation } from "./support/measure.mjs" */

/** @typedef {{ title: string, concurrency: number, begin: (cache: Cache) => Operation }} ProfiledTurn */

const here = new URL(".", import.meta.url).href;
const keyCount = 10_000;
const keys = Array.from({ length: keyCount }, (_none, index) => `session:${index}`);
const hundreds = keys.map((_, at) => keys.slice(at, at + 100));
const entries = new Map(keys.slice(0, 100).map((key) => [key, session]));

/** @type {readonly ProfiledTurn[]} */
const turns = [
  {
    title: "get, 128 at once",
    concurrency: 128,
    begin: (cache) => (turn) => cache.get(keyAt(turn)),
  },
  {
    title: "get, 1,024 at once",
    concurrency: 1_024,
    begin: (cache) => (turn) => cache.get(keyAt(turn)),
  },
  {
    title: "set, 128 at once",
    concurrency: 128,
    begin: (cache) => (turn) => cache.set(keyAt(turn), session),
  },
  {
    title: "getMany(100), 16 at once",
    concurrency: 16,
    begin: (cache) => (turn) => cache.getMany(requireAt(hundreds, turn % 9_900)),
  },
  {
    title: "setMany(100), 16 at once",
    concurrency: 16,
    begin: (cache) => () => cache.setMany(entries),
  },
];

/**
 * Where a function belongs: the first place that claims it.
 *
 * @type {Readonly<Record<string, (frame: Runtime.CallFrame) => boolean>>}
 */
const places = {
  JSON: ({ functionName }) => ["parseJson", "stringify"].includes(functionName),
  "is it plain?": ({ functionName }) => /^(isPlain|looksPlain|prototypeOf)/.test(functionName),
  garbage: ({ functionName }) => functionName === "(garbage collector)",
  "node-redis": ({ url }) => url.includes("@redis"),
  "Node, kernel": ({ url, functionName }) =>
    url === "" || url.startsWith("node:") || functionName === "(program)",
  "this bench": ({ url }) => url.startsWith(here),
  "cachewell, the rest": () => true,
};

export async function run() {
  await onRedis(printShares);
}

/** @param {RedisServer} server */
async function printShares(server) {
  const cache = createCache({ location: server.url(), commandTimeout: "30s" });
  try {
    pin(server.pid, otherCore);
    pin(process.pid, appCore);
    for (const key of keys) await cache.set(key, session);
    console.log(`${await machineOf(server)}\n`);
    console.log(`| operation | ${Object.keys(places).join(" | ")} |`);
    console.log(`| --- |${" ---: |".repeat(Object.keys(places).length)}`);
    for (const { title, concurrency, begin } of turns) {
      const shares = await sharesOf(begin(cache), concurrency);
      console.log(
        `| ${title} | ${shares.map((share) => `${Math.round(100 * share)} %`).join(" | ")} |`,
      );
    }
  } finally {
    await cache.close();
  }
}

/**
 * @param {Operation} operation
 * @param {number} concurrency
 */
async function sharesOf(operation, concurrency) {
  await measure(operation, { concurrency, ms: 1_500 });
  const inspector = new Session();
  inspector.connect();
  await inspector.post("Profiler.enable");
  await inspector.post("Profiler.setSamplingInterval", { interval: 100 });
  await inspector.post("Profiler.start");
  await measure(operation, { concurrency, ms: 4_000 });
  const { profile } = await inspector.post("Profiler.stop");
  inspector.disconnect();
  return sharesIn(profile);
}

/**
 * Returns the share of each place, in their order.
 *
 * @param {Profiler.Profile} profile
 */
function sharesIn({ nodes, samples = [], timeDeltas = [] }) {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const micros = Object.keys(places).map(() => 0);
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id);
    if (!frame || frame.functionName === "(idle)") continue;
    const place = Object.values(places).findIndex((isThere) => isThere(frame));
    micros[place] = (micros[place] ?? 0) + (timeDeltas[index] ?? 0);
  }
  const sum = micros.reduce((all, some) => all + some, 0);
  return micros.map((some) => some / sum);
}

/** @param {number} turn */
function keyAt(turn) {
  return requireAt(keys, turn);
}
