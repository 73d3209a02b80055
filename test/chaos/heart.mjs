const beatMs = 10;

/** Timers round to whole milliseconds: a beat within this much is on time. */
const roundedMs = 2;

/**
 * Measures how late the event loop is: a call is not to blame for the time that a blocked loop made it
 * wait. Beats every 10 ms; its own timer does not keep the process alive.
 */
export class Heart {
  #lateMs = 0;
  #latestMs = 0;
  #dueAtMs = 0;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  start() {
    this.#dueAtMs = performance.now() + beatMs;
    this.#timer = setTimeout(() => this.#beat(), beatMs).unref();
  }

  stop() {
    clearTimeout(this.#timer);
  }

  /** The lateness of all beats together, in ms, with that of the beat which is overdue now. Never falls. */
  get lateMs() {
    return this.#lateMs + this.#overdueMs;
  }

  /** The lateness of the latest beat, in ms. */
  get latestMs() {
    return this.#latestMs;
  }

  get #overdueMs() {
    return Math.max(0, performance.now() - this.#dueAtMs - roundedMs);
  }

  #beat() {
    const lateMs = this.#overdueMs;
    this.#lateMs += lateMs;
    this.#latestMs = Math.max(this.#latestMs, lateMs);
    this.start();
  }
}
