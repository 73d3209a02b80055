import { openPlayer, startContender } from "../beats/play.mjs";
import { medianOf } from "../support/report.mjs";
import { requireAt } from "../support/require.mjs";
import { usualKeyCount } from "../support/values.mjs";

/** @import { RedisServer } from "cachewell/testing" */
/** @import { ContenderWorker, Player } from "../beats/play.mjs" */
/** @import { Figures } from "../support/measure.mjs" */

/** @typedef {"this" | "base" | "tuned"} Side */
/** @typedef {Record<Side, readonly Figures[]>} Round what each side did at each case, in their order */
/** @typedef {ReturnType<typeof settingsOf>} VersionSettings */

/**
 * The builds under test, and the address of the base.
 *
 * @typedef {{ server: RedisServer, settings: VersionSettings, base: string }} Place
 */

/** The cases, as in RESULTS.md. */
export const cases = [
  { operation: "get", concurrency: 128 },
  { operation: "set", concurrency: 128 },
  { operation: "getMany(100)", concurrency: 1 },
  { operation: "getMany(100)", concurrency: 16 },
  { operation: "setMany(100)", concurrency: 1 },
  { operation: "setMany(100)", concurrency: 16 },
  { operation: "incr", concurrency: 128 },
];

/** Of both builds: on a busy machine a turn is slow, but does not fail. The cost of a timeout is the same. */
const commandTimeout = "30s";

const full = { rounds: 12, beats: 5, turnMs: 200, warmUpTurns: 4 };
const quick = { rounds: 4, beats: 3, turnMs: 100, warmUpTurns: 3 };

/**
 * Returns how long and how often: for the record, or for a quick try.
 *
 * @param {{ isQuick: boolean }} options
 */
export function settingsOf({ isQuick }) {
  return isQuick ? quick : full;
}

/**
 * Plays one turn of each side: the builds in alternating order, the peer between them.
 *
 * @param {Place} place
 * @param {number} round
 * @returns {Promise<Round>}
 */
export async function playRound(place, round) {
  /** @type {Round} */
  const figures = { this: [], base: [], tuned: [] };
  /** @type {readonly Side[]} */
  const order = ["this", "tuned", "base"];
  for (const [turn, side] of (round % 2 === 0 ? order : order.toReversed()).entries())
    figures[side] = await playTurn(place, playerOf(side, place.base, turn));
  return figures;
}

/**
 * The two builds differ in nothing but their address: the database belongs to the turn.
 *
 * @param {Side} side
 * @param {string} base
 * @param {number} database
 * @returns {Player}
 */
function playerOf(side, base, database) {
  const usual = { keyCount: usualKeyCount, keyPrefix: "", database };
  if (side === "tuned") return { ...usual, contender: "node-redis, tuned" };
  const build = side === "this" ? import.meta.resolve("cachewell") : base;
  return { ...usual, contender: "cachewell", build, commandTimeout };
}

/**
 * Plays all cases in a new process. Returns the median of each.
 *
 * @param {Place} place
 * @param {Player} player
 */
async function playTurn({ server, settings }, player) {
  const worker = startContender();
  try {
    await openPlayer(worker, server, player);
    await worker.ask("fill");
    await playCases(worker, settings.warmUpTurns, settings.turnMs);
    const beats = await playCases(worker, settings.beats, settings.turnMs);
    return cases.map((_case, index) => medianFigures(beats.map((beat) => requireAt(beat, index))));
  } finally {
    await worker.stop();
  }
}

/**
 * @param {ContenderWorker} worker
 * @param {number} times
 * @param {number} ms
 */
async function playCases(worker, times, ms) {
  /** @type {Figures[][]} */
  const beats = [];
  for (let time = 0; time < times; time += 1) {
    /** @type {Figures[]} */
    const beat = [];
    for (const one of cases) beat.push(await worker.ask("takeTurn", { ...one, ms }));
    beats.push(beat);
  }
  return beats;
}

/**
 * @param {readonly Figures[]} beats
 * @returns {Figures}
 */
function medianFigures(beats) {
  return { perSecond: medianOf("perSecond", beats), cpuMicros: medianOf("cpuMicros", beats) };
}
