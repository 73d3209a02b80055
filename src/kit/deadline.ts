/** What a bounded wait rejects with. */
export interface LateWords {
  /** Makes the error of a wait that took too long. */
  late(): Error;

  /** Turns the error of the work into the one to reject with. @default as it is */
  explain?(error: unknown): unknown;
}

/**
 * Settles as `work` does, or rejects once `ms` milliseconds have passed. The work itself goes on;
 * what becomes of it then is nobody's concern.
 */
export function settleWithin<T>(work: Promise<T>, ms: number, words: LateWords): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(words.late()), ms);
    work.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(words.explain ? words.explain(error) : error);
      },
    );
  });
}
