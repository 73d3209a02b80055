import { CacheError, type Caused } from "./cache-error.ts";

/** What an operation on the store was doing when it failed. */
export interface OperationContext extends Caused {
  /** The command or step that failed, for example `"SET"` or `"connect"`. */
  readonly operation: string;

  /** Whether a write may have reached the server before the failure. */
  readonly maybeApplied?: boolean;
}

/** A call that the store did not do, or not for all of its keys. */
export abstract class StoreFailure extends CacheError {
  /** The keys that failed, as the caller gave them, where a call did the rest of its keys. */
  declare readonly keys?: readonly string[];
}

/**
 * The store did not serve: connection refused or lost, or a server that says it cannot answer now
 * (LOADING, BUSY, MASTERDOWN, CLUSTERDOWN, READONLY, max clients).
 */
export class StoreUnavailableError extends StoreFailure {
  override readonly name = "StoreUnavailableError";
  override readonly code = "STORE_UNAVAILABLE";
  readonly operation: string;
  readonly maybeApplied: boolean;
  /** What the server says that it is in, `LOADING` for example; `undefined` where it said nothing. */
  readonly reason: string | undefined;

  constructor(problem: string, context: OperationContext & { readonly reason?: string }) {
    const { operation, maybeApplied = false, cause, reason } = context;
    super(`The store is unavailable (${operation}): ${problem}.`, { cause });
    this.operation = operation;
    this.maybeApplied = maybeApplied;
    this.reason = reason;
  }
}

/** The server answered, and refused: out of memory, no permission, wrong password. */
export class ServerRefusedError extends StoreFailure {
  override readonly name = "ServerRefusedError";
  override readonly code = "SERVER_REFUSED";
  readonly operation: string;
  /** The first word of the server's answer: `OOM`, `NOPERM`, `NOAUTH`, `WRONGPASS`, `ERR` … */
  readonly reason: string;

  constructor(reason: string, { operation, cause }: OperationContext) {
    super(`The server refused ${operation}: ${reason}; its answer is in \`cause\`.`, { cause });
    this.operation = operation;
    this.reason = reason;
  }
}

/** No answer within the bound. A write that had been sent may still have been applied. */
export class CommandTimeoutError extends StoreFailure {
  override readonly name = "CommandTimeoutError";
  override readonly code = "COMMAND_TIMEOUT";
  readonly operation: string;
  readonly timeoutMs: number;
  readonly maybeApplied: boolean;

  constructor(timeoutMs: number, { operation, maybeApplied = false }: OperationContext) {
    super(`No answer to ${operation} within ${timeoutMs} ms.`);
    this.operation = operation;
    this.timeoutMs = timeoutMs;
    this.maybeApplied = maybeApplied;
  }
}

/** As much is in flight as `maxPending`, or `maxPendingBytes`, allows. This call was not sent. */
export class OverloadedError extends StoreFailure {
  override readonly name = "OverloadedError";
  override readonly code = "OVERLOADED";
  /** The option whose bound is reached. */
  readonly option: "maxPending" | "maxPendingBytes";
  /** That bound. */
  readonly max: number;

  constructor(option: "maxPending" | "maxPendingBytes", max: number) {
    const what = option === "maxPending" ? "calls" : "bytes";
    super(`${max} ${what} are already in flight (${option}); this call was not sent.`);
    this.option = option;
    this.max = max;
  }
}

/** Returns whether an error tells of a write that was sent, and may have been done. */
export function mayBeApplied(error: unknown): boolean {
  const isOfStore = error instanceof StoreUnavailableError || error instanceof CommandTimeoutError;
  return isOfStore && error.maybeApplied;
}

/** Returns whether an error tells of a store that did not serve: nobody's bug, and it may pass. */
export function isStoreFailure(error: unknown): boolean {
  return (
    error instanceof StoreUnavailableError ||
    error instanceof CommandTimeoutError ||
    error instanceof OverloadedError ||
    (error instanceof ServerRefusedError && error.reason === "OOM")
  );
}
