/** Question: do many clients storm a server that comes back? */
import { setTimeout as wait } from "node:timers/promises";
import { startRedisServer } from "../../dist/testing/index.js";
import { nowMs } from "../support/clock.mjs";
import { whole } from "./figures.mjs";
import { ServerLine } from "./server-line.mjs";
import { startWorker } from "./worker-process.mjs";

const warmUpMs = 3_000;
const noticedMs = 500;
const withinMs = 30_000;
const settleMs = 1_000;
const windowMs = 100;
const sampleEveryMs = 10;

export const title = ({ clients, stormDownMs }) =>
  `${whole(clients)} clients, server down for ${stormDownMs / 1_000} s`;

export const figures = [
  { key: "perClient", title: "connections received, per client", unit: "ratio", atMost: 3 },
  { key: "peak", title: "most within 100 ms", unit: "count" },
  { key: "allMs", title: "every client has had an answer, from ready", unit: "ms" },
  { key: "unanswered", title: "clients without an answer after 30 s", unit: "count", atMost: 0 },
];

export async function measure(contender, settings) {
  const server = await startRedisServer();
  const fleet = Array.from({ length: settings.stormProcesses }, () =>
    startWorker("fleet-worker.mjs"),
  );
  const askAll = (command, input) => Promise.all(fleet.map((worker) => worker.ask(command, input)));
  try {
    const count = settings.clients / settings.stormProcesses;
    await askAll("open", { contender, url: server.url(), count });
    await askAll("startCalls", { everyMs: settings.stormEveryMs });
    await wait(warmUpMs);
    return figuresOf(await restart(server, askAll, settings.stormDownMs), settings);
  } finally {
    await Promise.all(fleet.map((worker) => worker.stop()));
    await server.stop();
  }
}

async function restart(server, askAll, downMs) {
  await server.kill();
  await wait(noticedMs);
  await askAll("forgetAnswers");
  await wait(downMs - noticedMs);
  const restarted = server.restart();
  const line = await ServerLine.whenReady(server.socketPath);
  const readyAtMs = nowMs();
  const over = new AbortController();
  const sampled = watchConnections(line, over.signal);
  const answered = (await askAll("untilAllAnswered", { withinMs })).flat();
  await wait(settleMs);
  over.abort();
  const samples = await sampled;
  line.close();
  await restarted;
  return { readyAtMs, answered, samples };
}

/** Returns how many connections the server had received, again and again. */
async function watchConnections(line, signal) {
  const samples = [{ atMs: nowMs(), count: 0 }];
  while (!signal.aborted) {
    samples.push({ count: await line.connectionsReceived(), atMs: nowMs() });
    await wait(sampleEveryMs);
  }
  return samples;
}

function figuresOf({ readyAtMs, answered, samples }, { clients }) {
  const received = samples.at(-1).count;
  return {
    perClient: received / clients,
    peak: peakOf(samples),
    allMs: Math.max(...answered) - readyAtMs,
    unanswered: clients - answered.length,
    note: { received, curve: curveOf(samples, readyAtMs) },
  };
}

/** Returns the most that came within any window that begins or ends with a sample. */
function peakOf(samples) {
  const ends = samples.flatMap(({ atMs }) => [atMs, atMs + windowMs]);
  return Math.max(...ends.map((endMs) => countWithin(samples, endMs)));
}

/** Returns what came in each of the first windows, one after the other. */
function curveOf(samples, readyAtMs) {
  return Array.from({ length: 12 }, (_none, nth) =>
    Math.round(countWithin(samples, readyAtMs + (nth + 1) * windowMs)),
  );
}

function countWithin(samples, endMs) {
  return countAt(samples, endMs) - countAt(samples, endMs - windowMs);
}

/** Returns the count at a moment: between two samples, by proportion. */
function countAt(samples, atMs) {
  const next = samples.findIndex((sample) => sample.atMs >= atMs);
  if (next < 0) return samples.at(-1).count;
  if (next === 0) return 0;
  const [before, after] = [samples[next - 1], samples[next]];
  const share = (atMs - before.atMs) / (after.atMs - before.atMs);
  return before.count + share * (after.count - before.count);
}
