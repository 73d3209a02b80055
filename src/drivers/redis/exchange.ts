import { CommandTimeoutError, StoreUnavailableError } from "../../contracts/errors.ts";
import type { CircuitBreaker } from "../../kit/circuit-breaker.ts";
import { Deadline, type DeadlineQueue } from "../../kit/deadline-queue.ts";
import type { InFlight } from "../../kit/in-flight.ts";
import { type Link, Silence } from "./carrier.ts";
import type { RedisCommand, ReplyForm } from "./redis-commands.ts";
import { isOutage, isWrite, toCacheError } from "./redis-errors.ts";

/** What is sent, and what it counts for among what is in flight. */
export interface Question {
  readonly command: RedisCommand;
  readonly form: ReplyForm;
  /** 1, or 0 for what travels with another call. */
  readonly calls: number;
}

/** What all exchanges of one connection share. */
export interface ExchangeDesk {
  readonly breaker: CircuitBreaker;
  readonly inFlight: InFlight;
  /** Where those wait that have been sent. */
  readonly sent: DeadlineQueue;

  /**
   * Sends a command once more, elsewhere, that `link`'s server refused as a replica: nothing has
   * been done. Returns whether it will.
   */
  sendsElsewhere(exchange: Exchange, link: Link, because: Error): boolean;
}

/** How a promise is settled. */
export interface Settlers {
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One command and its answer, bounded by a deadline. An answer that comes too late has nobody to
 * go to: its place in the client's queue stays its own, so that it reaches no other caller.
 */
export class Exchange extends Deadline {
  readonly #desk: ExchangeDesk;
  readonly #question: Question;
  readonly #settlers: Settlers;
  readonly #bytes: number;
  #link: Link | undefined;
  #timeoutMs = 0;
  #answersBefore = 0;
  #isOver = false;
  #isRepeated = false;

  constructor(desk: ExchangeDesk, question: Question, settlers: Settlers) {
    super();
    this.#desk = desk;
    this.#question = question;
    this.#settlers = settlers;
    this.#bytes = sizeOf(question.command);
    desk.inFlight.enter(question.calls, this.#bytes);
  }

  /** Sends the command, unless its caller has given up by now. */
  travelBy(link: Link, timeoutMs: number): void {
    if (this.#isOver) return;
    this.cancel();
    this.#link = link;
    this.#timeoutMs = timeoutMs;
    this.#answersBefore = link.answers;
    this.#desk.sent.add(this, timeoutMs);
    const { command, form } = this.#question;
    try {
      link.client.sendCommand(command, form.options).then(
        (reply) => this.#answered(reply, link),
        (error) => this.#failed(error, link),
      );
    } catch (error) {
      this.#failed(error, link);
    }
  }

  /** Ends it without its having been sent. */
  refuse(error: unknown): void {
    this.#end();
    this.#settlers.reject(error);
  }

  override expire(): void {
    const link = this.#link;
    if (this.#isOver) link?.lose(new Silence("the server's answers come too late"));
    else if (link) this.#timedOut(link);
    else this.#neverSent();
  }

  #answered(reply: unknown, link: Link): void {
    link.answers += 1;
    const { command, form } = this.#question;
    if (!form.fits(reply, command)) return this.#doubt(link);
    if (!this.#isOver) this.#desk.breaker.succeeded(); // too late is no success
    this.#end();
    this.#settlers.resolve(reply);
  }

  #doubt(link: Link): void {
    const because = new Error("the server's answer fits no question");
    link.lose(because);
    this.#lost(because);
  }

  #failed(cause: unknown, link: Link): void {
    if (link.lostBecause) return this.#lost(link.lostBecause);
    const error = toCacheError(cause, this.#question.command);
    if (!isOutage(error)) this.#refused(error, link);
    else this.refuse(error);
  }

  /** The server's own no is an answer, too. */
  #refused(error: Error, link: Link): void {
    link.answers += 1;
    if (!this.#isOver) this.#desk.breaker.succeeded();
    if (isReplicaSpeaking(error) && !this.#isOver && !this.#isRepeated) {
      this.#isRepeated = true;
      this.#link = undefined;
      if (this.#desk.sendsElsewhere(this, link, error)) return;
    }
    this.refuse(error);
  }

  /** It was under way when the connection was given up. A loss counts once, silence for each who met it. */
  #lost(because: Error): void {
    if (this.#isOver) return this.cancel();
    const error = new StoreUnavailableError(because.message, this.#context(because));
    if (because instanceof Silence) this.#desk.breaker.failed(error);
    this.refuse(error);
  }

  /** Where other answers have come meanwhile, the server is but slow: it has as long once more. */
  #timedOut(link: Link): void {
    const isSilent = link.answers === this.#answersBefore;
    this.#unanswered(new CommandTimeoutError(Math.round(this.#timeoutMs), this.#context()));
    if (isSilent) link.lose(new Silence());
    else this.#desk.sent.add(this, this.#timeoutMs);
  }

  #neverSent(): void {
    const reason = "there was no connection in time";
    this.#unanswered(new StoreUnavailableError(reason, { operation: "connect" }));
  }

  #unanswered(error: Error): void {
    this.#desk.breaker.failed(error);
    this.refuse(error);
  }

  #end(): void {
    this.cancel();
    if (this.#isOver) return;
    this.#isOver = true;
    this.#desk.inFlight.leave(this.#question.calls, this.#bytes);
  }

  #context(cause?: Error): { operation: string; maybeApplied: boolean; cause: unknown } {
    const { command } = this.#question;
    return { operation: String(command[0]), maybeApplied: isWrite(command), cause };
  }
}

/** In UTF-16 units for text: near enough to bytes, and free. */
function sizeOf(command: RedisCommand): number {
  let size = 0;
  for (const argument of command) size += argument.length;
  return size;
}

function isReplicaSpeaking(error: Error): boolean {
  return (
    error instanceof StoreUnavailableError &&
    (error.reason === "READONLY" || error.reason === "MASTERDOWN")
  );
}
