/** A timer this much late was held up by a blocked event loop. */
const blockedMs = 25;

/**
 * Runs what a timer due at `dueAtMs` (on the clock of `performance.now()`) was to run, after Node has read
 * what its sockets hold: Node runs timers before it reads
 * (https://nodejs.org/en/learn/asynchronous-work/event-loop-timers-and-nexttick). After a blocked event loop
 * the action waits 25 ms longer: what was to be sent meanwhile leaves only now, and gets time for its answer.
 */
export function afterIo(dueAtMs: number, action: () => void): void {
  const wasBlocked = performance.now() - dueAtMs > blockedMs;
  if (wasBlocked) setTimeout(() => setImmediate(action), blockedMs).unref();
  else setImmediate(action);
}
