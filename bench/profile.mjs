/**
 * Question: where does the CPU of an operation go? What is left between a goal and us is one of these.
 *
 * V8's sampling profiler in this process, every 100 µs, after a warm-up; Redis has another core. Idle time is left
 * out. A share is that of the samples whose innermost function belongs there.
 */
import { Session } from "node:inspector/promises";
import { createCache } from "../dist/index.js";
import { startRedisServer } from "../dist/testing/index.js";
import { appCore, otherCore, pin } from "./sessions/cores.mjs";
import { machine } from "./support/machine.mjs";
import { measure } from "./support/measure.mjs";
import { session } from "./support/session.mjs";

const keyCount = 10_000;
const keys = Array.from({ length: keyCount }, (_none, index) => `session:${index}`);
const hundreds = keys.map((_, at) => keys.slice(at, at + 100));
const entries = new Map(keys.slice(0, 100).map((key) => [key, session]));

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
    begin: (cache) => (turn) => cache.getMany(hundreds[turn % 9_900]),
  },
  {
    title: "setMany(100), 16 at once",
    concurrency: 16,
    begin: (cache) => () => cache.setMany(entries),
  },
];

/** To whom a function belongs; the first that says so. */
const places = {
  JSON: ({ functionName }) => ["parseJson", "stringify"].includes(functionName),
  "is it plain?": ({ functionName }) => /^(isPlain|looksPlain|prototypeOf)/.test(functionName),
  garbage: ({ functionName }) => functionName === "(garbage collector)",
  "node-redis": ({ url }) => url.includes("@redis"),
  "Node, kernel": ({ url, functionName }) =>
    url === "" || url.startsWith("node:") || functionName === "(program)",
  "this bench": ({ url }) => url.includes("/bench/"),
  "cachewell, the rest": () => true,
};

export async function run() {
  const server = await startRedisServer();
  const cache = createCache({ location: server.url(), commandTimeout: "30s" });
  try {
    pin(server.pid, otherCore);
    pin(process.pid, appCore);
    for (const key of keys) await cache.set(key, session);
    const version = /redis_version:(\S+)/.exec(await server.cli("INFO", "server"))?.[1];
    console.log(`${machine(version)}\n`);
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
    await server.stop();
  }
}

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

/** Returns the share of each place, in their order. */
function sharesIn({ nodes, samples, timeDeltas }) {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const micros = Object.keys(places).map(() => 0);
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id);
    if (frame.functionName === "(idle)") continue;
    micros[Object.values(places).findIndex((isThere) => isThere(frame))] += timeDeltas[index];
  }
  const sum = micros.reduce((all, some) => all + some, 0);
  return micros.map((some) => some / sum);
}

function keyAt(turn) {
  return keys[turn % keyCount];
}
