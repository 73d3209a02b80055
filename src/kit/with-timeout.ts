import { afterIo } from "./after-io.ts";

/**
 * Settles as `work` does, or rejects with `late()` once `ms` milliseconds have passed. The work goes on, and
 * its outcome is then ignored.
 */
export function withTimeout<T>(work: Promise<T>, ms: number, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const dueAtMs = performance.now() + ms;
    const giveUp = (): void => reject(late());
    const timer = setTimeout(() => afterIo(dueAtMs, giveUp), ms);
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
