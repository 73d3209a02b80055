/** How many tasks run in one turn of the event loop. */
const perTurn = 100;

/**
 * Runs tasks soon, in their order, a hundred in each turn of the event loop: thousands in one turn would
 * delay the first caller until the last task has run, and every other callback with it.
 */
export class TurnQueue {
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
