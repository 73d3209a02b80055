import { setMaxListeners } from "node:events";
import { ClosedError } from "../../contracts/errors.ts";

/**
 * Whether a cache, or one view of it, is open, and how many calls are under way on it. Its fields are plain: every
 * call looks at them.
 */
export class Lifecycle {
  isClosed = false;
  /** How many calls are under way; {@link Lifecycle.whenIdle} is due when the last is over. */
  pending = 0;
  /** Called when no call is under way any more; there only while somebody waits for that. */
  whenIdle: (() => void) | undefined;
  /** That of the cache, or the view, which this is a view of: its calls count there, too. */
  readonly outer: Lifecycle | undefined;
  readonly #name: string;
  readonly #closing = new AbortController();

  constructor(name: string, outer?: Lifecycle) {
    this.#name = name;
    this.outer = outer;
    setMaxListeners(0, this.#closing.signal); // every load may listen
  }

  /** Aborts when this very cache, or view, is closed. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  closedError(): ClosedError {
    return new ClosedError(this.#name);
  }

  /** Lets no further call in. Resolves once those under way are over. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.#closing.abort(this.closedError());
    if (this.pending === 0) return;
    await new Promise<void>((resolve) => {
      const others = this.whenIdle;
      this.whenIdle = () => {
        others?.();
        resolve();
      };
    });
  }
}
