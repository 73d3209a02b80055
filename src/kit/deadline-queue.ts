import { afterIo } from "./after-io.ts";

/** Something that must be over by a moment. It waits in at most one queue, which alone writes its fields. */
export interface Deadline {
  /** On the clock of `performance.now()`. */
  dueAtMs: number;
  earlier: Deadline | undefined;
  later: Deadline | undefined;
  /** The queue it waits in; remove it there to call it off. */
  queue: DeadlineQueue | undefined;

  /** Called once its moment has passed; it has left its queue by then. */
  expire(): void;
}

/**
 * Deadlines in the order of their moments, with one timer for all: a timer each costs more than the work it
 * bounds. Adding and removing take constant time while all deadlines have the same span; one with a shorter
 * span is walked to its place. Does not keep the process alive.
 */
export class DeadlineQueue {
  #first: Deadline | undefined;
  #last: Deadline | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wakesAtMs = Number.POSITIVE_INFINITY;

  /** Adds a deadline that waits in no queue. `ms` is at most 2^31 - 1, as for any timer. */
  add(deadline: Deadline, ms: number): void {
    const dueAtMs = performance.now() + ms;
    let earlier = this.#last;
    while (earlier && earlier.dueAtMs > dueAtMs) earlier = earlier.earlier;
    const later = earlier ? earlier.later : this.#first;
    deadline.dueAtMs = dueAtMs;
    deadline.earlier = earlier;
    deadline.later = later;
    deadline.queue = this;
    if (earlier) earlier.later = deadline;
    else this.#first = deadline;
    if (later) later.earlier = deadline;
    else this.#last = deadline;
    if (dueAtMs < this.#wakesAtMs) this.#wakeAt(dueAtMs);
  }

  /** Removes a deadline of this queue. The timer stays: the next deadline will want it. */
  remove(deadline: Deadline): void {
    const { earlier, later } = deadline;
    if (earlier) earlier.later = later;
    else this.#first = later;
    if (later) later.earlier = earlier;
    else this.#last = earlier;
    deadline.earlier = undefined;
    deadline.later = undefined;
    deadline.queue = undefined;
  }

  #wakeAt(moment: number): void {
    clearTimeout(this.#timer);
    this.#wakesAtMs = moment;
    const leftMs = Math.max(1, Math.ceil(moment - performance.now()));
    this.#timer = setTimeout(this.#wake, leftMs).unref();
  }

  readonly #wake = (): void => {
    afterIo(this.#wakesAtMs, this.#expireDue);
  };

  readonly #expireDue = (): void => {
    this.#wakesAtMs = Number.POSITIVE_INFINITY;
    const nowMs = performance.now();
    while (this.#first && this.#first.dueAtMs <= nowMs) {
      const deadline = this.#first;
      this.remove(deadline);
      deadline.expire();
    }
    if (this.#first) this.#wakeAt(this.#first.dueAtMs);
  };
}
