import { getHeapStatistics } from "node:v8";
import { nowMs } from "../support/clock.mjs";
import { session } from "../support/session.mjs";

const keys = Array.from({ length: 1_000 }, (_none, index) => `session:${index}`);

/** With more to catch up on, what has arrived is read first, as it is between requests of users. */
const callsPerTurn = 10;
const firstRoom = 2 ** 16;

/** What has become of a call. */
export const outcomes = { unsettled: 0, answered: 1, failed: 2 };

/**
 * Makes calls at a fixed rate by the clock, whether or not the ones before have been answered:
 * four reads to a write. Records live in typed arrays, outside the heap that is measured.
 */
export class OpenLoopLoad {
  #peer;
  #perMs;
  #issuedAtMs = new Float64Array(firstRoom);
  #waitMs = new Float64Array(firstRoom);
  #outcome = new Uint8Array(firstRoom);
  #errors = new Map();
  #issued = 0;
  #settled = 0;
  #startedAtMs = nowMs();
  #lastTurnAtMs = this.#startedAtMs;
  #longestPauseMs = 0;
  #mostHeapBytes = 0;
  #isOver = false;
  #watchers = new Set();

  constructor(peer, perSecond) {
    this.#peer = peer;
    this.#perMs = perSecond / 1_000;
    this.#turn();
  }

  /** Returns the heap in use now, after a collection, and the most there was since it was last asked for. */
  heap() {
    globalThis.gc();
    const mostBytes = this.#mostHeapBytes;
    this.#mostHeapBytes = 0;
    return { usedBytes: getHeapStatistics().used_heap_size, mostBytes };
  }

  /** Returns when a call was answered first, from `fromMs` on; `Infinity` when none is within `withinMs`. */
  firstAnswer({ fromMs, withinMs }) {
    const past = this.#firstAnswerSoFar(fromMs);
    if (past < Infinity) return past;
    return new Promise((resolve) => {
      const settle = (atMs) => {
        clearTimeout(timer);
        this.#watchers.delete(settle);
        resolve(atMs);
      };
      const timer = setTimeout(settle, Math.max(0, fromMs + withinMs - nowMs()), Infinity);
      this.#watchers.add(settle);
    });
  }

  /** Makes no more calls. Returns the records, once all have settled or `graceMs` are over. */
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

  #issue(index) {
    if (index === this.#outcome.length) this.#makeRoom();
    const key = keys[index % keys.length];
    this.#issuedAtMs[index] = nowMs();
    const call = index % 5 === 4 ? this.#peer.set(key, session) : this.#peer.get(key);
    call.then(
      () => this.#settle(index, outcomes.answered),
      (error) => {
        this.#settle(index, outcomes.failed);
        this.#errors.set(error.name, (this.#errors.get(error.name) ?? 0) + 1);
      },
    );
  }

  #settle(index, outcome) {
    const atMs = nowMs();
    this.#waitMs[index] = atMs - this.#issuedAtMs[index];
    this.#outcome[index] = outcome;
    this.#settled += 1;
    if (outcome === outcomes.answered) for (const watcher of this.#watchers) watcher(atMs);
  }

  #firstAnswerSoFar(fromMs) {
    let first = Infinity;
    for (let index = 0; index < this.#issued; index += 1) {
      const atMs = this.#issuedAtMs[index] + this.#waitMs[index];
      if (this.#outcome[index] === outcomes.answered && atMs >= fromMs)
        first = Math.min(first, atMs);
    }
    return first;
  }

  #makeRoom() {
    this.#issuedAtMs = larger(this.#issuedAtMs);
    this.#waitMs = larger(this.#waitMs);
    this.#outcome = larger(this.#outcome);
  }

  #records() {
    const stoppedAtMs = nowMs();
    for (let index = 0; index < this.#issued; index += 1) {
      if (this.#outcome[index] !== outcomes.unsettled) continue;
      this.#waitMs[index] = stoppedAtMs - this.#issuedAtMs[index];
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

function larger(array) {
  const copy = new array.constructor(array.length * 2);
  copy.set(array);
  return copy;
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
