/**
 * Locks that callers hold, by name: no two at a time, as long as the server keeps its data.
 *
 * @typedef {import("cachewell").Lock} Lock
 */
export class LockBook {
  /** How many locks were taken. */
  taken = 0;
  #findings;
  #epoch;
  /** @type {Map<string, { lock: Lock, epoch: number }>} */
  #latest = new Map();
  /** @type {WeakSet<Lock>} */
  #givenBack = new WeakSet();

  /**
   * @param {import("./findings.mjs").Findings} findings
   * @param {() => number} epoch changes when the server loses its data
   */
  constructor(findings, epoch) {
    this.#findings = findings;
    this.#epoch = epoch;
  }

  /**
   * Judges a lock that was just taken: the one before it is free, and its fence is higher.
   *
   * @param {string} name of all locks with this key in this cache
   * @param {Lock} lock
   * @param {number} epochAsked the epoch when the call began
   */
  took(name, lock, epochAsked) {
    this.taken += 1;
    const before = this.#latest.get(name);
    const epoch = this.#epoch();
    this.#latest.set(name, { lock, epoch });
    if (!before || before.epoch !== epoch || epochAsked !== epoch) return;
    if (before.lock.isHeld() && !this.#givenBack.has(before.lock)) {
      this.#findings.add("two held one lock", `${name}: ${before.lock.fence} and ${lock.fence}`);
    }
    if (lock.fence <= before.lock.fence) {
      this.#findings.add("a fence did not grow", `${name}: ${before.lock.fence}, ${lock.fence}`);
    }
  }

  /** Its holder is about to release it: it counts as free, however the release ends. @param {Lock} lock */
  givesBack(lock) {
    this.#givenBack.add(lock);
  }
}
