/** How a call failed, and how long that took. */
export interface Failure {
  readonly error: unknown;
  readonly tookMs: number;
}

/** Returns how `call` failed. @throws Error when it did not */
export async function failureOf(call: () => Promise<unknown>): Promise<Failure> {
  const startedMs = performance.now();
  try {
    await call();
  } catch (error) {
    return { error, tookMs: performance.now() - startedMs };
  }
  throw new Error("The call was expected to fail, and did not.");
}
