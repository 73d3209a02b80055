/** A switch to another process between the two clocks makes a difference too small: the largest counts. */
const readings = Array.from(
  { length: 1_000 },
  () => Number(process.hrtime.bigint()) / 1e6 - performance.now(),
);
const offsetMs = Math.max(...readings);

/** Returns milliseconds on the monotonic clock that all processes of this machine share. */
export function nowMs() {
  return performance.now() + offsetMs;
}
