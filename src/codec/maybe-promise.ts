/** A result that is there at once, or promised. */
export type MaybePromise<T> = T | Promise<T>;

/** Hands `value` to `use` once it is there: at once when it is, so nothing waits without need. */
export function after<T, R>(
  value: MaybePromise<T>,
  use: (value: T) => MaybePromise<R>,
): MaybePromise<R> {
  return value instanceof Promise ? value.then(use) : use(value);
}

/** Returns the promise, its rejection marked as handled: where another fails first, nobody comes to wait for it. */
export function withRejectionHandled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** Runs `work`, turning whatever it throws, at once or later, into the error that `explain` makes. */
export function explaining<T>(
  work: () => MaybePromise<T>,
  explain: (cause: unknown) => Error,
): MaybePromise<T> {
  try {
    const result = work();
    return result instanceof Promise ? result.catch((cause) => fail(explain(cause))) : result;
  } catch (cause) {
    throw explain(cause);
  }
}

function fail(error: Error): never {
  throw error;
}
