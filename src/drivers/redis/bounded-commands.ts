import { setImmediate as nextTurn } from "node:timers/promises";
import { OverloadedError, StoreUnavailableError } from "../../contracts/errors.ts";
import { batchesOf } from "../../kit/batches.ts";
import type { CircuitBreaker, CircuitListener } from "../../kit/circuit-breaker.ts";
import { settleWithin } from "../../kit/deadline.ts";
import { DeadlineQueue } from "../../kit/deadline-queue.ts";
import { InFlight, type InFlightBounds } from "../../kit/in-flight.ts";
import { Portions } from "../../kit/portions.ts";
import { runAfter } from "../../kit/timer.ts";
import type { Carrier, Link } from "./carrier.ts";
import { Exchange, type ExchangeDesk, noLinkInTime, type Question } from "./exchange.ts";
import type {
  NodeRedisClient,
  RedisCommand,
  ReplyForm,
  ReservableCommands,
  TogetherRules,
} from "./redis-commands.ts";
import { asPartlyDone, isWrite } from "./redis-errors.ts";
import { pongReply } from "./reply-forms.ts";

/** What calls are bounded by. */
export interface CommandBounds extends InFlightBounds {
  /** How long the server may take to answer. */
  readonly commandTimeoutMs: number;
}

/** The shortest pause between two probes of an open circuit: they come at random, up to twice as far apart. */
const probePauseMs = 20;

/**
 * Commands over a carrier, each bounded in time, all of them in number and size. While the circuit
 * is open they fail at once, and the server is probed until it answers.
 */
export class BoundedCommands implements ReservableCommands, CircuitListener {
  readonly #carrier: Carrier;
  readonly #bounds: CommandBounds;
  readonly #desk: ExchangeDesk;
  readonly #waiting = new DeadlineQueue();
  #cancelProbe: (() => void) | undefined;

  constructor(carrier: Carrier, breaker: CircuitBreaker, bounds: CommandBounds) {
    this.#carrier = carrier;
    this.#bounds = bounds;
    this.#desk = {
      breaker,
      inFlight: new InFlight(bounds),
      sent: new DeadlineQueue(),
      answerMs: bounds.commandTimeoutMs,
      lost: new Portions(),
      sendsElsewhere: (exchange, link, because) => this.#sendsElsewhere(exchange, link, because),
    };
    breaker.listen(this);
  }

  get answerMs(): number {
    return this.#bounds.commandTimeoutMs;
  }

  circuitOpened(): void {
    this.#probeAfter(0);
  }

  circuitClosed(): void {
    this.#stopProbing();
  }

  /** Probes no longer, now or later. */
  close(): void {
    this.#desk.breaker.unlisten(this);
    this.#stopProbing();
  }

  /** Returns the client behind it, connected, within the time that a call would wait for it. */
  async client(): Promise<NodeRedisClient> {
    const refusal = this.#refusal(["connect"]);
    if (refusal) await refuse(refusal);
    const { linkTimeoutMs } = this.#carrier;
    const link = await settleWithin(this.#carrier.linked(), linkTimeoutMs, noLinkInTime);
    return link.client;
  }

  send(command: RedisCommand, form: ReplyForm, calls = 1): Promise<unknown> {
    const refusal = this.#refusal(command);
    return refusal ? refuse(refusal) : this.#ask({ command, form, calls });
  }

  reserve(sizeBytes: number): Error | undefined {
    const { inFlight } = this.#desk;
    const overload = this.#overload();
    if (!overload) inFlight.enter(1, sizeBytes);
    return overload;
  }

  release(calls: number, sizeBytes: number): void {
    this.#desk.inFlight.leave(calls, sizeBytes);
  }

  async sendMany(
    commands: readonly RedisCommand[],
    form: ReplyForm,
    { atOnce, calls = 1 }: TogetherRules,
  ): Promise<unknown[]> {
    const refusal = commands[0] && this.#refusal(commands[0]);
    if (refusal) await refuse(refusal);
    const replies: unknown[] = [];
    try {
      for (const some of batchesOf(commands, atOnce)) {
        for (const reply of await this.#askTogether(some, form, calls)) replies.push(reply);
      }
    } catch (error) {
      throw isWrite(commands[0] ?? []) ? asPartlyDone(error, replies.length > 0) : error;
    }
    return replies;
  }

  async #askTogether(
    commands: readonly RedisCommand[],
    form: ReplyForm,
    calls: number,
  ): Promise<unknown[]> {
    const [command] = commands;
    if (!command) return [];
    return (await this.#ask({ command, all: commands, form, calls })) as unknown[]; // one for each
  }

  #refusal([name]: RedisCommand): Error | undefined {
    const { breaker } = this.#desk;
    const overload = this.#overload();
    if (overload) return overload;
    if (breaker.admits()) return undefined;
    const context = { operation: String(name), cause: breaker.cause };
    return new StoreUnavailableError("the circuit is open after failures in a row", context);
  }

  #overload(): OverloadedError | undefined {
    const { reached, bounds } = this.#desk.inFlight;
    if (!reached) return undefined;
    return reached === "maxCalls"
      ? new OverloadedError("maxPending", bounds.maxCalls)
      : new OverloadedError("maxPendingBytes", bounds.maxBytes);
  }

  #ask(question: Question): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const exchange = new Exchange(this.#desk, question, { resolve, reject });
      const { link } = this.#carrier;
      if (link) exchange.travelBy(link, this.#bounds.commandTimeoutMs);
      else this.#awaitLink(exchange);
    });
  }

  #awaitLink(exchange: Exchange): void {
    this.#waiting.add(exchange, this.#carrier.linkTimeoutMs);
    this.#sendOnceLinked(exchange);
  }

  #sendOnceLinked(exchange: Exchange): void {
    this.#carrier.linked().then(
      (link) => {
        const leftMs = exchange.dueAtMs - performance.now();
        exchange.travelBy(link, Math.max(1, Math.min(leftMs, this.#bounds.commandTimeoutMs)));
      },
      (error) => setImmediate(() => exchange.refuse(error)),
    );
  }

  #sendsElsewhere(exchange: Exchange, link: Link, because: Error): boolean {
    if (!this.#carrier.renew(link, because)) return false;
    this.#sendOnceLinked(exchange);
    return true;
  }

  #stopProbing(): void {
    this.#cancelProbe?.();
    this.#cancelProbe = undefined;
  }

  #probeAfter(pauseMs: number): void {
    this.#stopProbing();
    this.#cancelProbe = runAfter(pauseMs, () => {
      const again = (): void => {
        if (!this.#cancelProbe) return;
        const spread = probePauseMs * (1 + Math.random());
        this.#probeAfter(Math.max(spread, this.#carrier.pauseMs));
      };
      this.#ask({ command: ["PING"], form: pongReply, calls: 0 }).then(again, again);
    });
  }
}

/**
 * Rejects in the next turn of the event loop: a caller who tries again at once, and again, must not
 * keep the loop from the very answer that would help.
 */
export async function refuse(refusal: Error): Promise<never> {
  await nextTurn();
  throw refusal;
}
