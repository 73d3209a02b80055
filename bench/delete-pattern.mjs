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
import { goalAtMost, medianOf, ratiosOf, spreadCells, tableOf } from "./support/report.mjs";
import { sessionOf } from "./support/values.mjs";

const runFile = promisify(execFile);
const ours = "cachewell";
const byHand = "node-redis, by hand";
const shell = "redis-cli";
const names = [ours, byHand, shell];
const storedPrefix = ":1:gone:";

export async function run({ isQuick }) {
  const [count, beats] = isQuick ? [100_000, 3] : [1_000_000, 7];
  const turns = await onRedis((server) => playAll(server, { count, beats }));
  return {
    title: "Removing by pattern",
    how:
      `\`deletePattern("gone:*")\` over ${count.toLocaleString("en")} keys, beside node-redis with a loop of \`SCAN\`, a ` +
      `thousand keys a step, and \`UNLINK\`, and beside \`${shellLine("redis-cli", await scanOptions())}\`, ` +
      "where redis-cli looks at ten keys a step unless its version can be told otherwise. The server is filled " +
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
  const pinger = startWorker(new URL("support/pinger.mjs", import.meta.url));
  const removers = new Map([ours, byHand].map((name) => [name, newRemover()]));
  try {
    pin(server.pid, otherCore);
    await pinger.ask("open", { url: server.url() });
    for (const [contender, remover] of removers)
      await remover.ask("open", { contender, url: server.url() });
    return await playBeats({ server, removers, pinger, count }, beats);
  } finally {
    for (const worker of [pinger, ...removers.values()]) await worker.stop();
  }
}

function newRemover() {
  const remover = startWorker(new URL("deleting/remover.mjs", import.meta.url));
  pin(remover.pid, appCore);
  return remover;
}

async function playBeats(place, beats) {
  const turns = Object.fromEntries(names.map((name) => [name, []]));
  for (let beat = 0; beat < beats; beat += 1) {
    for (const name of beat % 2 === 0 ? names : names.toReversed())
      turns[name].push(await playTurn(place, name));
  }
  return turns;
}

async function playTurn({ server, removers, pinger, count }, name) {
  const text = JSON.stringify(sessionOf(count));
  await fillKeys(server, { database: 0, keyPrefix: storedPrefix, count, text });
  await pinger.ask("start");
  const figures = await (removers.get(name)?.ask("remove", { pattern: "gone:*" }) ??
    removeByShell(server));
  const pings = await pinger.ask("stop");
  if (figures.removed !== count)
    throw new Error(`${figures.removed} of ${count} keys went by ${name}.`);
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
    ...(name === ours ? ["–", "–"] : spreadCells(ratiosOf("tookMs", turns[ours], turns[name]))),
    name === shell ? "–" : medianOf("heapMegabytes", turns[name]).toFixed(1),
    ...[0.5, 0.99, 1].map((share) => pingAt(share, turns[name]).toFixed(2)),
  ];
}

function pingAt(share, turns) {
  return quantile(
    turns.flatMap(({ pings }) => pings),
    share,
  );
}
