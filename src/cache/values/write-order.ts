/**
 * The order in which one cache's commands leave. A write leaves late while its value is being compressed; what a
 * later call asks of its key waits for it, and so on, so that each call finds what the calls before it left behind.
 *
 * "Left" means handed to the store. Nothing here rejects: a write that could not be encoded has left, too.
 */
export class WriteOrder {
  /** Whether nothing waits. Check it first: then there is nothing to ask, and no function to call. */
  isIdle = true;
  readonly #leaving = new Map<string, Promise<void>>();
  /** A command that concerns every key, and what was asked before it. */
  #barrier: Promise<void> | undefined;

  /** Lets what is asked of the key from now on wait until `leaving` settles. */
  add(storedKey: string, leaving: Promise<unknown>): void {
    const forget = (): void => {
      if (this.#leaving.get(storedKey) !== left) return;
      this.#leaving.delete(storedKey);
      this.#settle();
    };
    const left = leaving.then(forget, forget);
    this.#leaving.set(storedKey, left);
    this.isIdle = false;
  }

  /** Returns when what was asked of the key before will have left; `undefined`: it has. */
  pending(storedKey: string): Promise<void> | undefined {
    return this.#leaving.get(storedKey) ?? this.#barrier;
  }

  /** {@link WriteOrder.pending} of several keys. */
  pendingOf(storedKeys: readonly string[]): Promise<unknown> | undefined {
    const pending = new Set<Promise<void>>();
    for (const storedKey of storedKeys) {
      const one = this.pending(storedKey);
      if (one) pending.add(one);
    }
    return pending.size === 0 ? undefined : Promise.all(pending);
  }

  /** Runs `task` once what was asked of these keys before has left; what is asked of them later waits for it. */
  after<T>(storedKeys: readonly string[], task: () => Promise<T>): Promise<T> {
    const before = this.pendingOf(storedKeys);
    if (!before) return task();
    const result = before.then(task);
    for (const storedKey of storedKeys) this.add(storedKey, before);
    return result;
  }

  /** Runs `task` once all that was asked before has left; all that is asked later waits for it. */
  afterAll<T>(task: () => Promise<T>): Promise<T> {
    if (this.isIdle) return task();
    const before = Promise.all([...this.#leaving.values(), this.#barrier]);
    const result = before.then(task);
    const barrier = before.then(() => {
      if (this.#barrier === barrier) this.#barrier = undefined;
      this.#settle();
    });
    this.#leaving.clear();
    this.#barrier = barrier;
    return result;
  }

  #settle(): void {
    this.isIdle = this.#leaving.size === 0 && this.#barrier === undefined;
  }
}
