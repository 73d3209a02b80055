import { DecodeError, isStoreFailure } from "../../contracts/errors.ts";
import type { Logger } from "../../contracts/options.ts";

/** What a failing store means to callers. */
export interface FailurePolicy {
  readonly ignoreErrors: boolean;
  readonly logIgnoredErrors: boolean;
  readonly logger: Logger;
}

/** Whether a failure is the store's, as against its user's or this library's. */
export function isIgnorable(error: unknown): boolean {
  return error instanceof DecodeError || isStoreFailure(error);
}
