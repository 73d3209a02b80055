import { appCore, pin } from "../support/cores.mjs";
import { redisMicros } from "../support/redis-figures.mjs";
import { startWorker } from "../support/worker-process.mjs";
import { names } from "./contenders.mjs";
import { workloads } from "./workloads.mjs";

/** @import { RedisServer } from "cachewell/testing" */
/** @import { WorkerProcess } from "../support/worker-process.mjs" */
/** @import { SessionContender } from "./contenders.mjs" */
/** @import { Workload } from "./workloads.mjs" */

/** @typedef {WorkerProcess<typeof import("./load.mjs").commands>} LoadWorker */
/** @typedef {WorkerProcess<typeof import("./application.mjs").commands>} ApplicationWorker */
/** @typedef {{ warmUpMs: number, turnMs: number }} TurnLengths */
/** @typedef {{ server: RedisServer, load: LoadWorker, settings: TurnLengths }} Place */

/**
 * The application of a contender, while it runs.
 *
 * @typedef {{
 *   contender: SessionContender,
 *   port: number,
 *   cpuMicros: () => Promise<number>,
 * }} Application
 */

/** @typedef {Awaited<ReturnType<typeof playWorkload>>} Turn what a contender did at a workload */
/** @typedef {readonly Turn[]} Round */

const users = 2_000;

/**
 * Gives the users of every contender their sessions, which outlive the processes.
 *
 * @param {Place} place
 */
export async function enterAll(place) {
  for (const contender of names)
    await withApplication(place, contender, ({ port }) =>
      place.load.ask("enter", { contender, port, users }),
    );
}

/**
 * Plays a turn of every contender, one after the other, each in a new process: the luck or the age of a process
 * counts for one turn only, and no process collects its garbage while others play. Returns what each did at every
 * workload.
 *
 * @param {Place} place the server, the load, and how long turns are
 * @param {number} round
 * @returns {Promise<Round>}
 */
export async function playRound(place, round) {
  /** @type {Turn[]} */
  const turns = [];
  for (const contender of orderOf(round))
    turns.push(...(await withApplication(place, contender, (it) => playTurn(place, it))));
  return turns;
}

/**
 * Starts a contender's application, in a database of its own, for one use.
 *
 * @template T
 * @param {Place} place
 * @param {SessionContender} contender
 * @param {(application: Application) => Promise<T>} use
 */
async function withApplication({ server }, contender, use) {
  /** @type {ApplicationWorker} */
  const worker = startWorker(new URL("application.mjs", import.meta.url));
  try {
    pin(worker.pid, appCore);
    const location = server.url(names.indexOf(contender));
    const port = await worker.ask("start", { contender, location });
    return await use({ contender, port, cpuMicros: () => worker.ask("cpuMicros") });
  } finally {
    await worker.stop();
  }
}

/**
 * Warms the application up at every workload, and then measures each.
 *
 * @param {Place} place
 * @param {Application} application
 */
async function playTurn(place, application) {
  const { load, settings } = place;
  const { contender, port } = application;
  for (const { writeEvery } of workloads)
    await load.ask("run", { contender, port, writeEvery, ms: settings.warmUpMs });
  const visitsBefore = await load.ask("countVisits", { contender, port });
  /** @type {Turn[]} */
  const turns = [];
  for (const workload of workloads) turns.push(await playWorkload(place, application, workload));
  await requireVisits(place, { ...application, visitsBefore }, turns);
  return turns;
}

/**
 * @param {Place} place
 * @param {Application} application
 * @param {Workload} workload
 */
async function playWorkload({ server, load, settings }, application, workload) {
  const { contender, port } = application;
  const appBefore = await application.cpuMicros();
  const redisBefore = await redisMicros(server);
  const { writeEvery } = workload;
  const done = await load.ask("run", { contender, port, writeEvery, ms: settings.turnMs });
  const appMicros = (await application.cpuMicros()) - appBefore;
  const redis = (await redisMicros(server)) - redisBefore;
  return {
    contender,
    workload,
    writes: done.writes,
    figures: {
      perSecond: (done.requests * 1_000) / done.tookMs,
      appMicros: appMicros / done.requests,
      redisMicros: redis / done.requests,
      appCoreShare: appMicros / (done.tookMs * 1_000),
      loadCoreShare: (done.cpuMicros + redis) / (done.tookMs * 1_000),
    },
  };
}

/**
 * Throws if writes were lost. Concurrent requests on one session may count as one, in every store; with
 * this many sessions they are rare.
 *
 * @param {Place} place
 * @param {Application & { visitsBefore: number }} application
 * @param {readonly Turn[]} turns
 */
async function requireVisits({ load }, { contender, port, visitsBefore }, turns) {
  const written = turns.reduce((sum, { writes }) => sum + writes, 0);
  const kept = (await load.ask("countVisits", { contender, port })) - visitsBefore;
  if (kept <= written && kept > 0.9 * written) return;
  throw new Error(`${contender} kept ${kept} of ${written} writes.`);
}

/**
 * Returns the order of a round: each contender plays at each position, and as often before as after its neighbours.
 *
 * @param {number} round
 */
function orderOf(round) {
  const start = round % names.length;
  const rotated = [...names.slice(start), ...names.slice(0, start)];
  return Math.floor(round / names.length) % 2 === 0 ? rotated : rotated.toReversed();
}
