const beatMs = 10;

/** Timers are rounded to whole milliseconds: so little is not late. */
const roundedMs = 2;

/**
 * Measures how late the event loop is: what a blocked loop made a call wait is not the call's
 * fault. Beats every 10 ms; its own timer does not keep the process alive.
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

  /** How late all beats were together, in ms, the one included that is overdue now. Never falls. */
  get lateMs() {
    return this.#lateMs + this.#overdueMs;
  }

  /** How late the latest of all beats was, in ms. */
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
