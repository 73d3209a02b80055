/**
 * Contenders take short turns: one beat after the other, each contender once at each case in a beat,
 * their order moving on with every beat. The speed of a machine that does other things too changes
 * within seconds; a ratio compares turns of one beat only.
 */
import { appCore, otherCore, pin } from "../support/cores.mjs";
import { requireAt, requireEntry } from "../support/require.mjs";
import { usualKeyCount } from "../support/values.mjs";
import { startWorker } from "../support/worker-process.mjs";

/** @import { RedisServer } from "cachewell/testing" */
/** @import { Figures } from "../support/measure.mjs" */
/** @import { WorkerProcess } from "../support/worker-process.mjs" */
/** @import { BeatSettings } from "./settings.mjs" */

/**
 * A case: an operation, how many callers there are, who competes at it, and how many times as fast
 * as a peer cachewell is to be.
 *
 * @typedef {{
 *   operation: string,
 *   concurrency: number,
 *   contenders: readonly string[],
 *   goals?: Readonly<Record<string, number>>,
 * }} Case
 */

/**
 * A contender at a place: its database, how many keys that has, and what they start with; for cachewell
 * also another build, and another timeout than the default.
 *
 * @typedef {{
 *   contender: string,
 *   database: number,
 *   keyCount: number,
 *   keyPrefix: string,
 *   build?: string,
 *   commandTimeout?: string,
 * }} Player
 */

/**
 * The cases; the players by the names that the cases give them (by default each contender as it
 * comes, in a database of its own); and the commands for each before its first turn (by default
 * `["fill"]`).
 *
 * @typedef {{
 *   cases: readonly Case[],
 *   players?: Readonly<Record<string, Player>>,
 *   prepare?: readonly ("fill" | "touch")[],
 * }} Plan
 */

/** @typedef {WorkerProcess<typeof import("./contender.mjs").commands>} ContenderWorker */
/** @typedef {Record<string, Figures[]>} CaseResults what each contender did, beat by beat */
/** @typedef {{ server: RedisServer, plan: Plan, settings: BeatSettings, results: CaseResults[] }} Game */

/**
 * Plays all cases. Returns for each case, in their order, what every contender did in every beat. Each
 * generation has new processes: the luck of a process counts for one generation only.
 *
 * @param {RedisServer} server
 * @param {Plan} plan
 * @param {BeatSettings} settings
 */
export async function playBeats(server, plan, settings) {
  /** @type {CaseResults[]} */
  const results = plan.cases.map(({ contenders }) =>
    Object.fromEntries(contenders.map((name) => [name, []])),
  );
  pin(server.pid, otherCore);
  for (let generation = 0; generation < settings.generations; generation += 1) {
    await playGeneration({ server, plan, settings, results });
    console.error(`generation ${generation + 1} of ${settings.generations}`);
  }
  return results;
}

/** @param {Game} game */
async function playGeneration(game) {
  const { plan, settings, server } = game;
  const players = Object.entries(plan.players ?? playersOf(plan.cases));
  /** @type {Record<string, ContenderWorker>} */
  const workers = {};
  try {
    for (const [name] of players) workers[name] = startContender();
    for (const [name, player] of players) {
      const worker = requireEntry(workers, name);
      await openPlayer(worker, server, player);
      for (const command of plan.prepare ?? ["fill"]) await worker.ask(command);
    }
    await playBeat(game, workers, { beat: 0, isWarmUp: true });
    for (let beat = 0; beat < settings.beats; beat += 1) await playBeat(game, workers, { beat });
  } finally {
    for (const worker of Object.values(workers)) await worker.stop();
  }
}

/**
 * @param {readonly Case[]} cases
 * @returns {Readonly<Record<string, Player>>}
 */
function playersOf(cases) {
  const names = [...new Set(cases.flatMap(({ contenders }) => contenders))];
  const player = { keyCount: usualKeyCount, keyPrefix: "" };
  return Object.fromEntries(
    names.map((contender, database) => [contender, { ...player, contender, database }]),
  );
}

/** Starts the process of a contender, on the core that all contenders take turns on. */
export function startContender() {
  /** @type {ContenderWorker} */
  const worker = startWorker(new URL("contender.mjs", import.meta.url));
  pin(worker.pid, appCore);
  return worker;
}

/**
 * Opens a player in its database.
 *
 * @param {ContenderWorker} worker
 * @param {RedisServer} server
 * @param {Player} player
 */
export async function openPlayer(worker, server, { database, ...place }) {
  await worker.ask("open", { ...place, url: server.url(database) });
}

/**
 * @param {Game} game
 * @param {Readonly<Record<string, ContenderWorker>>} workers
 * @param {{ beat: number, isWarmUp?: boolean }} round
 */
async function playBeat({ plan, settings, results }, workers, { beat, isWarmUp = false }) {
  for (const [index, { operation, concurrency, contenders }] of plan.cases.entries()) {
    for (const name of rotated(contenders, beat)) {
      const worker = requireEntry(workers, name);
      const turn = { operation, concurrency, ms: settings.turnMs };
      const times = isWarmUp ? settings.warmUpTurns : 1;
      for (let time = 0; time < times; time += 1) {
        const figures = await worker.ask("takeTurn", turn);
        if (!isWarmUp) requireEntry(requireAt(results, index), name).push(figures);
      }
    }
  }
}

/**
 * @param {readonly string[]} list
 * @param {number} by
 */
function rotated(list, by) {
  const start = by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}
