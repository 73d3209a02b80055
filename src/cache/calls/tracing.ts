import { type TracingChannel, tracingChannel } from "node:diagnostics_channel";

/** What the subscribers of the tracing channel `cachewell:operation` get of one call. No value, and no secret. */
export interface OperationMessage {
  /** The cache's name. */
  readonly cache: string;
  /** The method that was called, for example `"get"`. */
  readonly operation: string;
  /** The key of the call, with the namespace, where it is about one. */
  readonly key?: string;
  /** How long the call took; there once it has settled. */
  durationMs?: number;
  /** Why it rejected, where it did. */
  error?: unknown;
}

/** Every call of every cache, to whoever subscribes. */
export const operations: TracingChannel<unknown, OperationMessage> =
  tracingChannel("cachewell:operation");

/** Runs a call whose start and end somebody wants to hear of. */
export function trace<T>(message: OperationMessage, task: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  const started = operations.start.runStores(message, () => begin(message, task));
  return started.then(
    (result) => {
      finish(message, startedMs);
      return result;
    },
    (error: unknown) => {
      message.error = error;
      operations.error.publish(message);
      finish(message, startedMs);
      throw error;
    },
  );
}

async function begin<T>(message: OperationMessage, task: () => Promise<T>): Promise<T> {
  const running = task();
  operations.end.publish(message);
  return running;
}

function finish(message: OperationMessage, startedMs: number): void {
  message.durationMs = performance.now() - startedMs;
  operations.asyncStart.publish(message);
  operations.asyncEnd.publish(message);
}
