import { afterArrivals } from "./lateness.ts";

/**
 * Settles as `work` does, or rejects with `late()` once `ms` milliseconds have passed. The work
 * itself goes on; what becomes of it then is nobody's concern.
 */
export function settleWithin<T>(work: Promise<T>, ms: number, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const dueAtMs = performance.now() + ms;
    const giveUp = (): void => reject(late());
    const timer = setTimeout(() => afterArrivals(dueAtMs, giveUp), ms);
    work.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
