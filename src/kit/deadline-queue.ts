import { afterArrivals } from "./lateness.ts";

/** Something that must be over by a moment. It waits in one queue at a time. */
export abstract class Deadline {
  /** On the clock of `performance.now()`. */
  dueAtMs = 0;
  earlier: Deadline | undefined;
  later: Deadline | undefined;
  queue: DeadlineQueue | undefined;

  /** Called once its moment has passed; it is out of its queue by then. */
  abstract expire(): void;

  /** Calls it off. Does nothing to one that waits in no queue. */
  cancel(): void {
    this.queue?.remove(this);
  }
}

/**
 * Deadlines in the order of their moments, over one timer for all: a timer apiece costs more than
 * the work that it bounds. Adding and removing take constant time while all are given the same
 * span; one with a shorter span is walked to its place. Does not keep the process alive.
 */
export class DeadlineQueue {
  #first: Deadline | undefined;
  #last: Deadline | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wakesAtMs = Number.POSITIVE_INFINITY;

  /** Adds a deadline that waits in no queue. `ms` is at most 2^31 - 1, as for any timer. */
  add(deadline: Deadline, ms: number): void {
    deadline.dueAtMs = performance.now() + ms;
    let earlier = this.#last;
    while (earlier && earlier.dueAtMs > deadline.dueAtMs) earlier = earlier.earlier;
    this.#insert(deadline, earlier);
    if (deadline.dueAtMs < this.#wakesAtMs) this.#wakeAt(deadline.dueAtMs);
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

  #insert(deadline: Deadline, earlier: Deadline | undefined): void {
    const later = earlier ? earlier.later : this.#first;
    deadline.earlier = earlier;
    deadline.later = later;
    deadline.queue = this;
    if (earlier) earlier.later = deadline;
    else this.#first = deadline;
    if (later) later.earlier = deadline;
    else this.#last = deadline;
  }

  #wakeAt(moment: number): void {
    clearTimeout(this.#timer);
    this.#wakesAtMs = moment;
    const leftMs = Math.max(1, Math.ceil(moment - performance.now()));
    this.#timer = setTimeout(this.#wake, leftMs).unref();
  }

  readonly #wake = (): void => {
    afterArrivals(this.#wakesAtMs, this.#expireDue);
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
