/**
 * Writes that were asked for and have not left yet, since their values are still being compressed. What is asked
 * for later of the same key waits for them, as if they had left at once.
 */
export class WriteOrder {
  readonly #byKey = new Map<string, Promise<unknown>>();

  /** Notes a write until it leaves, or fails to. */
  note(storedKey: string, leaving: Promise<unknown>): void {
    const gone = leaving.then(forget, forget);
    this.#byKey.set(storedKey, gone);
    const all = this.#byKey;

    function forget(): void {
      if (all.get(storedKey) === gone) all.delete(storedKey);
    }
  }

  /** Runs `task` once the writes of these keys have left. */
  after<T>(storedKeys: readonly string[], task: () => Promise<T>): Promise<T> {
    const leaving = storedKeys.flatMap((storedKey) => this.of(storedKey) ?? []);
    return leaving.length === 0 ? task() : Promise.all(leaving).then(task);
  }

  /** Returns when the write of a key will have left, where one has not. */
  of(storedKey: string): Promise<unknown> | undefined {
    return this.#byKey.size === 0 ? undefined : this.#byKey.get(storedKey);
  }
}
