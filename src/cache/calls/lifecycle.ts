import { setMaxListeners } from "node:events";
import { ClosedError } from "../../contracts/errors.ts";

/** Whether a cache is open, and what is under way on it. A view's calls count on its cache too. */
export class Lifecycle {
  readonly #name: string;
  readonly #cache: Lifecycle | undefined;
  readonly #closing = new AbortController();
  #isClosed = false;
  #pending = 0;
  #idle: (() => void) | undefined;

  constructor(name: string, cache?: Lifecycle) {
    this.#name = name;
    this.#cache = cache;
    setMaxListeners(0, this.#closing.signal); // every load may listen
  }

  /** Whether this is the lifecycle of a view, which closes alone. */
  get isView(): boolean {
    return this.#cache !== undefined;
  }

  /** The lifecycle of the cache itself, whose views come and go. */
  get ofCache(): Lifecycle {
    return this.#cache ?? this;
  }

  /** How many calls are under way. */
  get pending(): number {
    return this.#pending;
  }

  /** Aborts when this very cache, or view, is closed. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** Whether the cache, or this view of it, is closed. */
  isClosed(): boolean {
    return this.#isClosed || (this.#cache?.isClosed() ?? false);
  }

  /** @throws ClosedError */
  requireOpen(): void {
    if (this.isClosed()) throw new ClosedError(this.#name);
  }

  /** Counts a call in. @throws ClosedError */
  enter(): void {
    this.requireOpen();
    this.#count(1);
  }

  /** Counts a call out. */
  leave(): void {
    this.#count(-1);
  }

  /** Lets no further call in. Resolves once those under way are over. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#closing.abort(new ClosedError(this.#name));
    if (this.#pending === 0) return;
    await new Promise<void>((resolve) => {
      const others = this.#idle;
      this.#idle = () => {
        others?.();
        resolve();
      };
    });
  }

  #count(step: 1 | -1): void {
    this.#pending += step;
    if (this.#cache) this.#cache.#count(step);
    if (this.#pending === 0) this.#idle?.();
  }
}
