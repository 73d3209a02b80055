/** How many tasks go in one turn of the event loop. */
const perTurn = 100;

/**
 * Runs tasks soon, in their order, a portion in each turn of the event loop: thousands at once would
 * hold up the first of them until the last is through, and everybody else.
 */
export class Portions {
  #waiting: (() => void)[] = [];

  /** Adds a task, which must not throw. */
  add(task: () => void): void {
    this.#waiting.push(task);
    if (this.#waiting.length === 1) setImmediate(this.#runSome);
  }

  readonly #runSome = (): void => {
    for (const task of this.#waiting.splice(0, perTurn)) task();
    if (this.#waiting.length > 0) setImmediate(this.#runSome);
  };
}
