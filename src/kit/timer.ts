/** The longest wait that `setTimeout` keeps; a longer one would fire at once. */
const longestMs = 2 ** 31 - 1;

/**
 * Calls `action` once `ms` milliseconds have passed, however many or few. Does not keep the process
 * alive. Returns what calls it off.
 */
export function runAfter(ms: number, action: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (leftMs: number): void => {
    const stepMs = Math.max(0, Math.min(leftMs, longestMs));
    const next = leftMs > stepMs ? () => wait(leftMs - stepMs) : action;
    timer = setTimeout(next, stepMs).unref();
  };
  wait(ms);
  return () => clearTimeout(timer);
}
