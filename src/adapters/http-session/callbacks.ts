import { withStatus } from "./request-session.ts";

/** The callback of a session package: an error, or `null` and the result. */
export type Callback<T = void> = (error: unknown, result?: T) => void;

/**
 * Calls `callback` once with the outcome of `task`, an error with the `status` that it means for the
 * response, and then `afterwards`. Both run on ticks of their own: what a callback throws is uncaught,
 * as it would be without a store, and fails no promise here. Without a callback an error of the store
 * reaches the cache's `error` event alone.
 */
export function callBack<T>(
  task: Promise<T>,
  callback: Callback<T> | undefined,
  afterwards?: () => void,
): void {
  const settle: Callback<T> = (error, result) => {
    if (typeof callback === "function") process.nextTick(callback, error, result); // callers without types pass anything
    if (afterwards) process.nextTick(afterwards);
  };
  task.then(
    (result) => settle(null, result),
    (error: unknown) => settle(withStatus(error)),
  );
}
