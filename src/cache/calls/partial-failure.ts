import { mayBeApplied, StoreFailure } from "../../contracts/errors.ts";
import type { Call, Calls } from "./calls.ts";

/** The failures of some keys of one call, which did the others. */
export class PartialFailure {
  /** The keys the user gave, by why they failed. */
  readonly #keys = new Map<unknown, string[]>();

  /** @param key as the caller gave it */
  add(key: string, error: unknown): void {
    const keys = this.#keys.get(error);
    if (keys) keys.push(key);
    else this.#keys.set(error, [key]);
  }

  /** Whether no key has failed. */
  get isEmpty(): boolean {
    return this.#keys.size === 0;
  }

  /** Emits each distinct error once where errors are ignored; throws the first otherwise, with all keys that failed. */
  settle(calls: Calls, call: Call): void {
    for (const error of this.#keys.keys()) {
      if (!calls.ignores(error)) calls.recover(call, undefined, this.#withKeys(error));
    }
    for (const error of this.#keys.keys()) calls.report(call, error, true);
  }

  /** A copy: the same error may have met other calls, too. */
  #withKeys(error: unknown): unknown {
    if (!(error instanceof StoreFailure)) return error;
    const keys = [...this.#keys.values()].flat();
    const options = "cause" in error ? { cause: error.cause } : undefined;
    const copy: Error = Reflect.construct(Error, [error.message, options], error.constructor);
    const maybeApplied = [...this.#keys.keys()].some(mayBeApplied) && { maybeApplied: true };
    return Object.assign(copy, error, { keys }, maybeApplied);
  }
}
