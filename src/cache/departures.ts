/**
 * Writes that were asked for and have not left yet, since their values are still being compressed. A read of
 * the same key waits for them: it was asked for later, and is to see them.
 */
export class Departures {
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

  /** Returns when the write of a key will have left, where one has not. */
  of(storedKey: string): Promise<unknown> | undefined {
    return this.#byKey.size === 0 ? undefined : this.#byKey.get(storedKey);
  }
}
