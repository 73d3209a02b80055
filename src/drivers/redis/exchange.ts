import { CacheError, CommandTimeoutError, StoreUnavailableError } from "../../contracts/errors.ts";
import type { CircuitBreaker } from "../../kit/circuit-breaker.ts";
import { Deadline, type DeadlineQueue } from "../../kit/deadline-queue.ts";
import type { InFlight } from "../../kit/in-flight.ts";
import type { Portions } from "../../kit/portions.ts";
import { type Link, Silence } from "./carrier.ts";
import type { RedisCommand, ReplyForm } from "./redis-commands.ts";
import { isOutage, isWrite, toCacheError } from "./redis-errors.ts";
import type { Sender } from "./sender.ts";

/** What is sent, and what it counts for among what is in flight. */
export interface Question {
  readonly command: RedisCommand;
  /** All commands, where they are several that share one answer, `command` among them: a reply for each. */
  readonly all?: readonly RedisCommand[];
  readonly form: ReplyForm;
  /** How many calls wait for it; 0 for what travels beside another. */
  readonly calls: number;
}

/** What all exchanges of one connection share. */
export interface ExchangeDesk {
  readonly breaker: CircuitBreaker;
  readonly inFlight: InFlight;
  /** Where those wait that have been sent. */
  readonly sent: DeadlineQueue;
  /** How long an answer may take, before its link is judged. */
  readonly answerMs: number;
  /** Where those are failed whose link was lost: there may be thousands. */
  readonly lost: Portions;

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
  #sentAtMs = 0;
  #answersBefore = 0;
  #isOver = false;
  #isRepeated = false;

  constructor(desk: ExchangeDesk, question: Question, settlers: Settlers) {
    super();
    this.#desk = desk;
    this.#question = question;
    this.#settlers = settlers;
    this.#bytes = sizeOf(question);
    desk.inFlight.enter(question.calls, this.#bytes);
  }

  /** Sends the command, unless its caller has given up by now. */
  travelBy(link: Link, timeoutMs: number): void {
    if (this.#isOver) return;
    this.cancel();
    this.#link = link;
    this.#answersBefore = link.answers;
    this.#desk.sent.add(this, timeoutMs);
    this.#sentAtMs = this.dueAtMs - timeoutMs;
    try {
      this.#send(link.sender).then(
        (reply) => this.#answered(reply, link),
        (error) => this.#failed(error, link),
      );
    } catch (error) {
      this.#failed(error, link);
    }
  }

  #send(sender: Sender): Promise<unknown> {
    const { command, all, form } = this.#question;
    if (!all) return sender.send(command, form);
    const replies = all.map((one) => sender.send(one, form));
    return Promise.all(replies).catch((error) => this.#failedTogether(replies, error));
  }

  /** What a replica refused goes elsewhere, unless some of it was done before the server became one. */
  async #failedTogether(replies: readonly Promise<unknown>[], error: unknown): Promise<never> {
    if (!isReplicaSpeaking(toCacheError(error, this.#question.command))) throw error;
    const results = await Promise.allSettled(replies);
    if (results.some(({ status }) => status === "fulfilled")) this.#isRepeated = true;
    throw error;
  }

  /** Ends it without its having been sent. */
  refuse(error: unknown): void {
    this.#end();
    this.#settlers.reject(error);
  }

  override expire(): void {
    const link = this.#link;
    if (!link) return this.#neverSent();
    if (!this.#isOver) this.#timedOut();
    this.#judge(link);
  }

  #answered(reply: unknown, link: Link): void {
    link.answers += 1;
    if (!this.#fits(reply)) return this.#doubt(link);
    if (!this.#isOver) this.#desk.breaker.succeeded(); // too late is no success
    this.#end();
    this.#settlers.resolve(reply);
  }

  #fits(reply: unknown): boolean {
    const { command, all, form } = this.#question;
    if (!all) return form.fits(reply, command);
    return (reply as readonly unknown[]).every((one, at) => form.fits(one, all[at] ?? command));
  }

  #doubt(link: Link): void {
    const because = new Error("the server's answer fits no question");
    link.lose(because);
    this.#lost(because);
  }

  #failed(cause: unknown, link: Link): void {
    const { lostBecause } = link;
    if (lostBecause) return this.#desk.lost.add(() => this.#lost(lostBecause));
    const error = toCacheError(cause, this.#question.command);
    const isAnswer = error instanceof CacheError && !isOutage(error);
    if (isAnswer) this.#refused(error, link);
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

  /** It was under way when the connection was given up. Its carrier counts a loss, each call silence. */
  #lost(because: Error): void {
    if (this.#isOver) return this.cancel();
    const error = new StoreUnavailableError(because.message, this.#context(because));
    if (because instanceof Silence) this.#unanswered(error);
    else this.refuse(error);
  }

  #timedOut(): void {
    this.#unanswered(new CommandTimeoutError(this.#desk.answerMs, this.#context()));
  }

  /**
   * A link is silent when an answer has taken its whole time, and nothing else has come meanwhile;
   * where others are answered it has as long once more. A caller who had to wait for the link may
   * be gone before that.
   */
  #judge(link: Link): void {
    const { answerMs, sent } = this.#desk;
    const isSilent = link.answers === this.#answersBefore;
    const leftMs = this.#sentAtMs + (isSilent ? answerMs : 2 * answerMs) - performance.now();
    if (leftMs > 0) sent.add(this, leftMs);
    else link.lose(new Silence(isSilent ? undefined : "the server's answers come too late"));
  }

  #neverSent(): void {
    this.#unanswered(noLinkInTime());
  }

  #unanswered(error: Error): void {
    this.#desk.breaker.failed(error, this.#question.calls);
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

/** What is told to those who waited for a connection in vain. */
export function noLinkInTime(): StoreUnavailableError {
  return new StoreUnavailableError("there was no connection in time", { operation: "connect" });
}

/** In UTF-16 units for text: near enough to bytes, and free. */
function sizeOf({ command, all }: Question): number {
  if (!all) return lengthOf(command);
  return all.reduce((size, one) => size + lengthOf(one), 0);
}

function lengthOf(command: RedisCommand): number {
  let size = 0;
  for (const argument of command) size += argument.length;
  return size;
}

function isReplicaSpeaking(error: unknown): boolean {
  return (
    error instanceof StoreUnavailableError &&
    (error.reason === "READONLY" || error.reason === "MASTERDOWN")
  );
}
