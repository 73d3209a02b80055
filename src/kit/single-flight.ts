/** One run of a task, as the task itself sees it. */
export interface Flight {
  /** Whether this run is still the one that callers join: false once it was forgotten. */
  readonly isCurrent: () => boolean;
}

/**
 * Runs at most one task per key at a time; callers that arrive meanwhile share its outcome.
 *
 * Scope: this process. A failure is shared too, then forgotten, so the next caller tries anew.
 */
export class SingleFlight<T> {
  readonly #running = new Map<string, Promise<T>>();

  /** Joins the task running under `key`, or starts `task`. */
  run(key: string, task: (flight: Flight) => Promise<T>): Promise<T> {
    const running = this.#running.get(key);
    if (running) return running;

    const isCurrent = (): boolean => this.#running.get(key) === started;
    const started: Promise<T> = task({ isCurrent }).finally(() => {
      if (isCurrent()) this.#running.delete(key);
    });
    this.#running.set(key, started);
    return started;
  }

  /** Whether no task is running that others could join. */
  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  /** Returns the outcome of the task running under `key`, if one is. */
  join(key: string): Promise<T> | undefined {
    return this.#running.get(key);
  }

  /** Lets nobody join the task running under `key` any more. It goes on for those who have. */
  forget(key: string): void {
    if (this.#running.size > 0) this.#running.delete(key); // mostly there is none
  }

  /** {@link SingleFlight.forget} of every key. */
  forgetAll(): void {
    this.#running.clear();
  }
}
