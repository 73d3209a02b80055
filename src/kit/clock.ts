/** Tells the time: unix milliseconds, never running backwards. */
export interface Clock {
  now(): number;
}

/**
 * The process's own clock: wall time at start plus monotonic time since, so an adjusted system
 * clock neither expires nor revives anything.
 */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
};
