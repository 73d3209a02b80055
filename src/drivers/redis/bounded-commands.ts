import { OverloadedError, StoreUnavailableError } from "../../contracts/errors.ts";
import type { CircuitBreaker } from "../../kit/circuit-breaker.ts";
import { DeadlineQueue } from "../../kit/deadline-queue.ts";
import { InFlight, type InFlightBounds } from "../../kit/in-flight.ts";
import { runAfter } from "../../kit/timer.ts";
import type { Carrier, Link } from "./carrier.ts";
import { Exchange, type ExchangeDesk, type Question } from "./exchange.ts";
import type { RedisCommand, RedisCommands, ReplyForm } from "./redis-commands.ts";
import { anyReply } from "./reply-forms.ts";

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
export class BoundedCommands implements RedisCommands {
  readonly #carrier: Carrier;
  readonly #bounds: CommandBounds;
  readonly #desk: ExchangeDesk;
  readonly #waiting = new DeadlineQueue();
  #stopProbing: (() => void) | undefined;

  constructor(carrier: Carrier, breaker: CircuitBreaker, bounds: CommandBounds) {
    this.#carrier = carrier;
    this.#bounds = bounds;
    this.#desk = {
      breaker,
      inFlight: new InFlight(bounds),
      sent: new DeadlineQueue(),
      sendsElsewhere: (exchange, link, because) => this.#sendsElsewhere(exchange, link, because),
    };
    breaker.listen({
      circuitOpened: () => this.#probeAfter(0),
      circuitClosed: () => this.stop(),
    });
  }

  send(command: RedisCommand, form: ReplyForm): Promise<unknown> {
    const refusal = this.#refusal(command);
    return refusal ? Promise.reject(refusal) : this.#ask({ command, form, calls: 1 });
  }

  async sendMany(commands: readonly RedisCommand[], form: ReplyForm): Promise<unknown[]> {
    const refusal = commands[0] && this.#refusal(commands[0]);
    if (refusal) throw refusal;
    return Promise.all(
      // The first stands for the call: answers come in the order of the questions.
      commands.map((command, index) => this.#ask({ command, form, calls: index === 0 ? 1 : 0 })),
    );
  }

  /** Probes no longer. */
  stop(): void {
    this.#stopProbing?.();
    this.#stopProbing = undefined;
  }

  #refusal([name]: RedisCommand): Error | undefined {
    const { breaker, inFlight } = this.#desk;
    const { reached, bounds } = inFlight;
    if (reached === "maxCalls") return new OverloadedError("maxPending", bounds.maxCalls);
    if (reached) return new OverloadedError("maxPendingBytes", bounds.maxBytes);
    if (breaker.admits()) return undefined;
    const context = { operation: String(name), cause: breaker.cause };
    return new StoreUnavailableError("the circuit is open after failures in a row", context);
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
      (error) => exchange.refuse(error),
    );
  }

  #sendsElsewhere(exchange: Exchange, link: Link, because: Error): boolean {
    if (!this.#carrier.renew(link, because)) return false;
    this.#sendOnceLinked(exchange);
    return true;
  }

  #probeAfter(pauseMs: number): void {
    this.stop();
    this.#stopProbing = runAfter(pauseMs, () => {
      const again = (): void => {
        if (!this.#stopProbing || !this.#desk.breaker.isOpen) return;
        const spread = probePauseMs * (1 + Math.random());
        this.#probeAfter(Math.max(spread, this.#carrier.pauseMs));
      };
      this.#ask({ command: ["PING"], form: anyReply, calls: 0 }).then(again, again);
    });
  }
}
