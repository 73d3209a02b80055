import { getHeapStatistics } from "node:v8";
import { nowMs } from "../support/clock.mjs";
import { requireAt } from "../support/require.mjs";
import { session } from "../support/session.mjs";

/** @import { FaultPeer } from "./contenders.mjs" */

/**
 * What became of the calls, in the order in which they were made.
 *
 * @typedef {object} CallRecords
 * @property {Float64Array} issuedAtMs when each was made
 * @property {Float64Array} waitMs how long it took to settle, so far
 * @property {Uint8Array} outcome one of `outcomes`
 * @property {Readonly<Record<string, number>>} errors how many calls failed with an error of a name
 * @property {number} longestPauseMs of the process itself
 */

const keys = Array.from({ length: 1_000 }, (_none, index) => `session:${index}`);

/** A load that is behind lets the process read replies after this many calls, as between requests of users. */
const callsPerTurn = 10;
const firstRoom = 2 ** 16;

/** What became of a call. */
export const outcomes = { unsettled: 0, answered: 1, failed: 2 };

/**
 * Makes calls at a fixed rate by the clock, whether or not earlier ones have settled: four reads to a
 * write. The records are typed arrays, outside the heap that it measures.
 */
export class OpenLoopLoad {
  #peer;
  #perMs;
  #issuedAtMs = new Float64Array(firstRoom);
  #waitMs = new Float64Array(firstRoom);
  #outcome = new Uint8Array(firstRoom);
  /** @type {Map<string, number>} */
  #errors = new Map();
  #issued = 0;
  #settled = 0;
  #startedAtMs = nowMs();
  #lastTurnAtMs = this.#startedAtMs;
  #longestPauseMs = 0;
  #mostHeapBytes = 0;
  #isOver = false;
  /** @type {Set<(atMs: number) => void>} */
  #watchers = new Set();

  /**
   * @param {FaultPeer} peer
   * @param {number} perSecond
   */
  constructor(peer, perSecond) {
    this.#peer = peer;
    this.#perMs = perSecond / 1_000;
    this.#turn();
  }

  /** Returns the heap in use now, after a collection, and its peak since the last call. */
  heap() {
    globalThis.gc?.();
    const mostBytes = this.#mostHeapBytes;
    this.#mostHeapBytes = 0;
    return { usedBytes: getHeapStatistics().used_heap_size, mostBytes };
  }

  /**
   * Resolves with the moment of the first answer from `fromMs` on; with `Infinity` if `withinMs` pass without one.
   *
   * @param {{ fromMs: number, withinMs: number }} span
   * @returns {number | Promise<number>}
   */
  firstAnswer({ fromMs, withinMs }) {
    const past = this.#firstAnswerSoFar(fromMs);
    if (past < Infinity) return past;
    return new Promise((resolve) => {
      const settle = (/** @type {number} */ atMs) => {
        clearTimeout(timer);
        this.#watchers.delete(settle);
        resolve(atMs);
      };
      const timer = setTimeout(settle, Math.max(0, fromMs + withinMs - nowMs()), Infinity);
      this.#watchers.add(settle);
    });
  }

  /**
   * Makes no more calls. Resolves with the records once all calls have settled, or after `graceMs`.
   *
   * @param {{ graceMs: number }} limit
   */
  async stop({ graceMs }) {
    this.#isOver = true;
    const untilMs = nowMs() + graceMs;
    while (this.#settled < this.#issued && nowMs() < untilMs) await pause(20);
    return this.#records();
  }

  #turn() {
    if (this.#isOver) return;
    const turnAtMs = nowMs();
    this.#longestPauseMs = Math.max(this.#longestPauseMs, turnAtMs - this.#lastTurnAtMs);
    this.#lastTurnAtMs = turnAtMs;
    this.#mostHeapBytes = Math.max(this.#mostHeapBytes, getHeapStatistics().used_heap_size);
    const due = Math.floor((turnAtMs - this.#startedAtMs) * this.#perMs);
    const until = Math.min(due, this.#issued + callsPerTurn);
    while (this.#issued < until) this.#issue(this.#issued++);
    if (this.#issued < due) setImmediate(() => this.#turn());
    else setTimeout(() => this.#turn(), 1);
  }

  /** @param {number} index */
  #issue(index) {
    if (index === this.#outcome.length) this.#makeRoom();
    const key = requireAt(keys, index);
    this.#issuedAtMs[index] = nowMs();
    const call = index % 5 === 4 ? this.#peer.set(key, session) : this.#peer.get(key);
    call.then(
      () => this.#settle(index, outcomes.answered),
      (error) => {
        this.#settle(index, outcomes.failed);
        const name = error instanceof Error ? error.name : String(error);
        this.#errors.set(name, (this.#errors.get(name) ?? 0) + 1);
      },
    );
  }

  /**
   * @param {number} index
   * @param {number} outcome
   */
  #settle(index, outcome) {
    const atMs = nowMs();
    this.#waitMs[index] = atMs - (this.#issuedAtMs[index] ?? Number.NaN);
    this.#outcome[index] = outcome;
    this.#settled += 1;
    if (outcome === outcomes.answered) for (const watcher of this.#watchers) watcher(atMs);
  }

  /** @param {number} fromMs */
  #firstAnswerSoFar(fromMs) {
    let first = Infinity;
    for (let index = 0; index < this.#issued; index += 1) {
      const atMs = (this.#issuedAtMs[index] ?? Number.NaN) + (this.#waitMs[index] ?? Number.NaN);
      if (this.#outcome[index] === outcomes.answered && atMs >= fromMs)
        first = Math.min(first, atMs);
    }
    return first;
  }

  #makeRoom() {
    const room = this.#outcome.length * 2;
    this.#issuedAtMs = copied(this.#issuedAtMs, new Float64Array(room));
    this.#waitMs = copied(this.#waitMs, new Float64Array(room));
    this.#outcome = copied(this.#outcome, new Uint8Array(room));
  }

  /** @returns {CallRecords} */
  #records() {
    const stoppedAtMs = nowMs();
    for (let index = 0; index < this.#issued; index += 1) {
      if (this.#outcome[index] !== outcomes.unsettled) continue;
      this.#waitMs[index] = stoppedAtMs - (this.#issuedAtMs[index] ?? Number.NaN);
    }
    return {
      issuedAtMs: this.#issuedAtMs.slice(0, this.#issued),
      waitMs: this.#waitMs.slice(0, this.#issued),
      outcome: this.#outcome.slice(0, this.#issued),
      errors: Object.fromEntries(this.#errors),
      longestPauseMs: this.#longestPauseMs,
    };
  }
}

/**
 * @template {{ set(from: T): void }} T
 * @param {T} from
 * @param {T} to
 */
function copied(from, to) {
  to.set(from);
  return to;
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
