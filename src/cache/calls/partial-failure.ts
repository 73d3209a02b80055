import { mayBeApplied, StoreFailure } from "../../contracts/errors.ts";
import type { Call, Calls } from "./calls.ts";

/** The failures of some keys of one call, which did the others. */
export class PartialFailure {
  readonly #keys: string[] = [];
  /** Each once, in the order of their first keys. */
  readonly #errors = new Set<unknown>();

  /** @param key as the caller gave it */
  add(key: string, error: unknown): void {
    this.#keys.push(key);
    this.#errors.add(error);
  }

  /** Emits each distinct error once where errors are ignored; throws the first otherwise, with all keys that failed. */
  settle(calls: Calls, call: Call): void {
    for (const error of this.#errors) {
      if (!calls.ignores(error)) calls.recover(call, undefined, this.#withKeys(error));
    }
    for (const error of this.#errors) calls.report(call, error, true);
  }

  /** A copy: the same error may have met other calls, too. */
  #withKeys(error: unknown): unknown {
    if (!(error instanceof StoreFailure)) return error;
    const options = "cause" in error ? { cause: error.cause } : undefined;
    const copy: Error = Reflect.construct(Error, [error.message, options], error.constructor);
    const maybeApplied = [...this.#errors].some(mayBeApplied) && { maybeApplied: true };
    return Object.assign(copy, error, { keys: this.#keys }, maybeApplied);
  }
}
