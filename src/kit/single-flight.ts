/** One run of a task, as the task itself sees it. */
export interface Flight {
  /** Whether this run is still the one that callers join: false once it was forgotten. */
  readonly isCurrent: () => boolean;
}

/** Counts the tasks that others could join. A plain field, so that asking for it costs nothing. */
export interface Tally {
  running: number;
}

/**
 * Runs at most one task per key at a time; callers that arrive meanwhile share its outcome.
 *
 * Scope: this process. A failure is shared too, then forgotten, so the next caller tries anew.
 */
export class SingleFlight<T> {
  readonly #running = new Map<string, Promise<T>>();
  readonly #tally: Tally;

  /** @param tally where its tasks are counted, beside those of others */
  constructor(tally: Tally = { running: 0 }) {
    this.#tally = tally;
  }

  /** Joins the task running under `key`, or starts `task`. */
  run(key: string, task: (flight: Flight) => Promise<T>): Promise<T> {
    const running = this.#running.get(key);
    if (running) return running;

    const isCurrent = (): boolean => this.#running.get(key) === started;
    const started: Promise<T> = task({ isCurrent }).finally(() => {
      if (isCurrent()) this.forget(key);
    });
    this.#running.set(key, started);
    this.#tally.running += 1;
    return started;
  }

  /** Returns the outcome of the task running under `key`, if one is. */
  join(key: string): Promise<T> | undefined {
    return this.#running.get(key);
  }

  /** Lets nobody join the task running under `key` any more. It goes on for those who have. */
  forget(key: string): void {
    if (this.#running.delete(key)) this.#tally.running -= 1;
  }

  /** {@link SingleFlight.forget} of every key. */
  forgetAll(): void {
    this.#tally.running -= this.#running.size;
    this.#running.clear();
  }
}
