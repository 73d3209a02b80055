/**
 * A source of numbers that repeats for the same seed ("mulberry32"). Good enough to choose faults and
 * calls with.
 */
export class Random {
  #state;

  /** @param {number} seed a whole number */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** Returns a number from 0 up to, but not including, 1. */
  unit() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /**
   * Returns a whole number, both ends included.
   *
   * @param {number} least
   * @param {number} most
   */
  whole(least, most) {
    return least + Math.floor(this.unit() * (most - least + 1));
  }

  /** @param {number} share how often it is true: 0 never, 1 always */
  chance(share) {
    return this.unit() < share;
  }

  /**
   * @template T
   * @param {readonly T[]} list not empty
   * @returns {T}
   */
  pick(list) {
    return /** @type {T} */ (list[this.whole(0, list.length - 1)]); // there is one at that index
  }

  /**
   * Returns the list in another order.
   *
   * @template T
   * @param {readonly T[]} list
   * @returns {T[]}
   */
  shuffled(list) {
    return list
      .map((item) => ({ item, rank: this.unit() }))
      .toSorted((one, other) => one.rank - other.rank)
      .map(({ item }) => item);
  }
}
