import { CacheError, type Caused } from "./cache-error.ts";

/** What the store was doing when it failed. */
export interface OperationContext extends Caused {
  /** The command or step that failed, for example `"SET"` or `"connect"`. */
  readonly operation: string;

  /** Whether a write may have reached the server before the failure. */
  readonly maybeApplied?: boolean;
}

/** The store failed a call, or failed some of its keys. */
export abstract class StoreFailure extends CacheError {
  /** The caller's keys that failed, where a bulk call completed the others. */
  declare readonly keys?: readonly string[];
}

/**
 * The store is unavailable: the connection was refused or lost, the circuit is open, or the server says that it
 * cannot answer at present (LOADING, BUSY, MASTERDOWN, CLUSTERDOWN, READONLY, max clients).
 */
export class StoreUnavailableError extends StoreFailure {
  override readonly name = "StoreUnavailableError";
  override readonly code = "STORE_UNAVAILABLE";
  readonly operation: string;
  readonly maybeApplied: boolean;
  /** The state that the server reported, for example `LOADING`; `undefined` where it reported none. */
  readonly reason: string | undefined;

  constructor(problem: string, context: OperationContext & { readonly reason?: string }) {
    const { operation, maybeApplied = false, cause, reason } = context;
    super(`The store is unavailable (${operation}): ${problem}.`, { cause });
    this.operation = operation;
    this.maybeApplied = maybeApplied;
    this.reason = reason;
  }
}

/** The server refused the command: out of memory, no permission, wrong password. */
export class ServerRefusedError extends StoreFailure {
  override readonly name = "ServerRefusedError";
  override readonly code = "SERVER_REFUSED";
  readonly operation: string;
  /** The first word of the server's reply: `OOM`, `NOPERM`, `NOAUTH`, `WRONGPASS`, `ERR` … */
  readonly reason: string;

  constructor(reason: string, { operation, cause }: OperationContext) {
    super(`The server refused ${operation}: ${reason}; its answer is in \`cause\`.`, { cause });
    this.operation = operation;
    this.reason = reason;
  }
}

/** The server did not answer within `commandTimeout`. It may still have executed a write that was sent. */
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

/** `maxPending` or `maxPendingBytes` is exhausted. The cache did not send this call. */
export class OverloadedError extends StoreFailure {
  override readonly name = "OverloadedError";
  override readonly code = "OVERLOADED";
  /** The option whose bound the calls in flight have reached. */
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

/** Whether an error is about a write that was sent, and that the server may have executed. */
export function mayBeApplied(error: unknown): boolean {
  const isOfStore = error instanceof StoreUnavailableError || error instanceof CommandTimeoutError;
  return isOfStore && error.maybeApplied;
}

/** Whether an error means that the store did not serve: no bug, and it may pass. */
export function isStoreFailure(error: unknown): boolean {
  return (
    error instanceof StoreUnavailableError ||
    error instanceof CommandTimeoutError ||
    error instanceof OverloadedError ||
    (error instanceof ServerRefusedError && error.reason === "OOM")
  );
}
