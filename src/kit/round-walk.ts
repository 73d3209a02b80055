/**
 * Walks a set or map round and round, a step at a time, while it changes between the steps.
 *
 * Guarantee: what stays in the collection is met once per round. Cost: constant per step.
 */
export class RoundWalk<T> {
  readonly #collection: Iterable<T>;
  #rest: Iterator<T>;

  constructor(collection: Iterable<T>) {
    this.#collection = collection;
    this.#rest = collection[Symbol.iterator]();
  }

  /** Returns the next item, after the last one the first again; `undefined` when there is none. */
  next(): T | undefined {
    const step = this.#rest.next();
    if (step.done !== true) return step.value;

    this.#rest = this.#collection[Symbol.iterator]();
    const first = this.#rest.next();
    return first.done === true ? undefined : first.value;
  }
}
