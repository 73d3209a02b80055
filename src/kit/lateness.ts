/** A timer that comes this much too late was held up by a blocked event loop. */
const blockedMs = 25;

/**
 * Calls `action`, that a timer was to call at `dueAtMs` on the clock of `performance.now()`, once
 * what has arrived by now is read: Node runs timers before it reads. Where the event loop was
 * blocked, what was to be sent has not been sent either, and gets a moment for its answer.
 */
export function afterArrivals(dueAtMs: number, action: () => void): void {
  const wasBlocked = performance.now() - dueAtMs > blockedMs;
  if (wasBlocked) setTimeout(() => setImmediate(action), blockedMs).unref();
  else setImmediate(action);
}
