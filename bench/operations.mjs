/**
 * Question: what does one operation cost beside the same operation of the peers?
 *
 * Contenders take turns within each round, so that what slows the machine down slows all of them;
 * a ratio is taken within a round, and the median of the rounds is printed.
 */
import { startRedisServer } from "../dist/testing/index.js";
import { contenders } from "./support/contenders.mjs";
import { machine } from "./support/machine.mjs";
import { measure, median } from "./support/measure.mjs";
import { session } from "./support/session.mjs";

const concurrencies = [1, 16, 128, 1024];
const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
const turnMs = Number(process.env.BENCH_TURN_MS ?? 300);
const keyCount = 1_000;

const keys = Array.from({ length: keyCount }, (_none, index) => `session:${index}`);
const hundreds = Array.from({ length: keyCount }, (_none, at) =>
  Array.from({ length: 100 }, (_zero, step) => keys[(at + step * 7) % keyCount]),
);

const operations = {
  get: (peer) => (turn) => peer.get(keys[turn % keyCount]),
  set: (peer) => (turn) => peer.set(keys[turn % keyCount], session),
  "getMany(100)": (peer) => peer.getMany && ((turn) => peer.getMany(hundreds[turn % keyCount])),
  incr: (peer) => peer.incr && ((turn) => peer.incr(`count:${turn % keyCount}`)),
};

export async function run() {
  const server = await startRedisServer();
  const peers = [];
  try {
    for (const { name, open } of contenders) peers.push({ name, peer: await open(server.url()) });
    for (const { peer } of peers) await fill(peer);
    const version = /redis_version:(\S+)/.exec(await server.cli("INFO", "server"))?.[1];
    console.log(`${machine(version)}; ${rounds} rounds of ${turnMs} ms a turn\n`);
    console.log(tableHead(peers));
    for (const [title, operationOf] of Object.entries(operations)) {
      for (const concurrency of concurrencies) {
        console.log(tableRow(title, concurrency, await compare(peers, operationOf, concurrency)));
      }
    }
  } finally {
    await Promise.allSettled(peers.map(({ peer }) => peer.close()));
    await server.stop();
  }
}

async function fill(peer) {
  for (const key of keys) await peer.set(key, session);
  for (const turn of keys.keys()) await peer.incr?.(`count:${turn}`);
}

/** Returns each contender's rounds, or nothing for one that has no such operation. */
async function compare(peers, operationOf, concurrency) {
  const results = peers.map(() => []);
  for (let round = -1; round < rounds; round += 1) {
    for (const [index, { peer }] of peers.entries()) {
      const operation = operationOf(peer);
      if (!operation) continue;
      const figures = await measure(operation, { concurrency, ms: turnMs });
      if (round >= 0) results[index].push(figures); // the first round warms up
    }
  }
  return results;
}

function tableHead(peers) {
  const titles = [
    "operation",
    "at once",
    "cachewell k/s",
    "cachewell µs CPU",
    ...peers.slice(1).map(({ name }) => `÷ ${name}`),
  ];
  return `| ${titles.join(" | ")} |\n|${titles.map((_, index) => (index === 0 ? " --- |" : " ---: |")).join("")}`;
}

function tableRow(title, concurrency, [ours, ...others]) {
  const perSecond = median(ours.map((round) => round.perSecond));
  const cpuMicros = median(ours.map((round) => round.cpuMicros));
  const ratios = others.map((theirs) =>
    theirs.length === 0
      ? "–"
      : median(theirs.map((round, index) => ours[index].perSecond / round.perSecond)).toFixed(2),
  );
  const cells = [
    title,
    concurrency,
    (perSecond / 1000).toFixed(1),
    cpuMicros.toFixed(1),
    ...ratios,
  ];
  return `| ${cells.join(" | ")} |`;
}
