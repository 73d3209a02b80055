import { setImmediate as nextTurn } from "node:timers/promises";
import { OverloadedError, StoreUnavailableError } from "../../../contracts/errors.ts";
import { DeadlineQueue } from "../../../kit/deadline-queue.ts";
import { TurnQueue } from "../../../kit/turn-queue.ts";
import { withTimeout } from "../../../kit/with-timeout.ts";
import { type Command, nameOf } from "./command.ts";
import type { EachRules, ServerCommands } from "./command-sender.ts";
import type { ConnectionSource } from "./connection-source.ts";
import { connecting } from "./key-commands.ts";
import type { LiveConnection } from "./live-connection.ts";
import {
  type Deferred,
  type ExecutorState,
  type Load,
  noConnectionInTime,
  PendingCommand,
} from "./pending-command.ts";
import { type Outcomes, PendingGroup } from "./pending-group.ts";
import type { Routes } from "./routes.ts";

/** What bounds the calls of one topology. */
export interface CommandBounds {
  /** How many calls may be in flight. */
  readonly maxCalls: number;
  /** How large their arguments may be in all. What comes before the bound is admitted whole, however large. */
  readonly maxBytes: number;
  /** How long the server may take to answer. */
  readonly commandTimeoutMs: number;
}

/**
 * Sends commands by the routes of a topology, and bounds what is in flight: each command in time, all of them in
 * number and size. Commands to a server whose circuit is open fail at once.
 */
export class CommandExecutor implements ServerCommands, ExecutorState {
  calls = 0;
  bytes = 0;
  readonly sent: DeadlineQueue = new DeadlineQueue();
  readonly lost: TurnQueue = new TurnQueue();
  readonly answerMs: number;
  readonly #routes: Routes;
  readonly #bounds: CommandBounds;
  readonly #waiting = new DeadlineQueue();

  constructor(routes: Routes, bounds: CommandBounds) {
    this.answerMs = bounds.commandTimeoutMs;
    this.#routes = routes;
    this.#bounds = bounds;
  }

  send<Result>(command: Command<Result>, calls = 1): Promise<Result> {
    const overload = calls > 0 ? this.overload() : undefined; // or it travels beside an admitted call
    if (overload) return refuse(overload);
    return this.sendReserved(command, this.#admit(calls, sizeOf(command)));
  }

  /** Sends a command for which {@link CommandExecutor.reserve} has admitted `load`. */
  sendReserved<Result>(command: Command<Result>, load: Load): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.dispatch(command, load, { resolve, reject });
    });
  }

  /** {@link CommandExecutor.sendReserved} for callers who have a promise already: settles `deferred`. */
  dispatch<Result>(command: Command<Result>, load: Load, deferred: Deferred<Result>): void {
    const source = this.#routes.only ?? this.#routes.sourceFor(command);
    if (!source.breaker.isOpen || source.breaker.admits()) {
      return this.#begin(new PendingCommand(this, source, { command, load, deferred }));
    }
    this.#release(load);
    setImmediate(() => deferred.reject(circuitIsOpen(source, command)));
  }

  sendEach<Result>(
    commands: readonly Command<Result>[],
    { keysAtOnce, calls = 1 }: EachRules,
  ): Promise<Outcomes<Result>> {
    const [command] = commands;
    if (!command) return Promise.resolve([]);
    const overload = calls > 0 ? this.overload() : undefined;
    if (overload) return refuse(overload);
    return keyCountOf(commands) <= keysAtOnce
      ? this.#sendTogether(command, commands, calls)
      : this.#sendPortions(portionsOf(commands, keysAtOnce), calls);
  }

  /** Admits a call that will be sent within this turn. Returns why it is refused, if it is. */
  reserve(bytes: number): OverloadedError | undefined {
    const { maxCalls, maxBytes } = this.#bounds;
    if (this.calls >= maxCalls || this.bytes >= maxBytes) return this.overload();
    this.calls += 1;
    this.bytes += bytes;
    return undefined;
  }

  /** Returns why no further call is admitted, where the bounds are reached. */
  overload(): OverloadedError | undefined {
    const { maxCalls, maxBytes } = this.#bounds;
    if (this.calls >= maxCalls) return new OverloadedError("maxPending", maxCalls);
    return this.bytes >= maxBytes ? new OverloadedError("maxPendingBytes", maxBytes) : undefined;
  }

  connectionFor(command: Command): LiveConnection | undefined {
    const { current } = this.#routes.only ?? this.#routes.sourceFor(command);
    return current?.isReady ? current : undefined;
  }

  /** Returns the client underneath, connected. Waits for it as long as a call would. */
  async client(): Promise<unknown> {
    const source = this.#routes.only ?? this.#routes.sourceFor(connecting);
    const overload = this.overload();
    if (overload) await refuse(overload);
    if (!source.breaker.admits()) await refuse(circuitIsOpen(source, connecting));
    const connection = await withTimeout(source.open(), source.openTimeoutMs, noConnectionInTime);
    return connection.client;
  }

  detours(pending: PendingCommand, refusal: Error, connection: LiveConnection): boolean {
    const source = this.#routes.detour(refusal, pending.command, connection);
    if (!source) return false;
    pending.source = source;
    this.#sendOnceOpen(pending);
    return true;
  }

  #admit(calls: number, bytes: number): Load {
    this.calls += calls;
    this.bytes += bytes;
    return { calls, bytes };
  }

  #release({ calls, bytes }: Load): void {
    this.calls -= calls;
    this.bytes -= bytes;
  }

  #begin(pending: PendingCommand): void {
    const { current } = pending.source;
    if (current?.isReady) return pending.sendOver(current, this.answerMs);
    this.#waiting.add(pending, pending.source.openTimeoutMs);
    this.#sendOnceOpen(pending);
  }

  #sendOnceOpen(pending: PendingCommand): void {
    pending.source.open().then(
      (connection) => {
        const leftMs = pending.dueAtMs - performance.now();
        pending.sendOver(connection, Math.max(1, Math.min(leftMs, this.answerMs)));
      },
      (error: Error) => setImmediate(() => pending.refuse(error)),
    );
  }

  #sendTogether<Result>(
    command: Command<Result>,
    commands: readonly Command<Result>[],
    calls: number,
  ): Promise<Outcomes<Result>> {
    const source = this.#routes.only ?? this.#routes.sourceFor(command);
    if (!source.breaker.admits()) return refuse(circuitIsOpen(source, command));
    let bytes = 0;
    for (const one of commands) bytes += sizeOf(one);
    const load = this.#admit(calls, bytes);
    return new Promise((resolve, reject) => {
      const request = { commands, load, deferred: { resolve, reject } };
      this.#begin(new PendingGroup(this, source, request));
    });
  }

  /** After a portion of which nothing was done, the next ones are not sent, and fail as it did. */
  async #sendPortions<Result>(
    portions: readonly (readonly Command<Result>[])[],
    calls: number,
  ): Promise<Outcomes<Result>> {
    const outcomes: (Result | Error)[] = [];
    let failure: Error | undefined;
    for (const portion of portions) {
      const [command] = portion;
      if (!command) continue;
      try {
        if (failure) throw failure;
        for (const one of await this.#sendTogether(command, portion, calls)) outcomes.push(one);
      } catch (error) {
        if (outcomes.length === 0 || !(error instanceof Error)) throw error;
        failure = error;
        outcomes.push(...portion.map(() => error));
      }
    }
    return outcomes;
  }
}

/**
 * Rejects in the next turn of the event loop: a caller who retries at once, again and again, must not keep the
 * loop from the very reply that would help.
 */
export async function refuse(refusal: Error): Promise<never> {
  await nextTurn();
  throw refusal;
}

function circuitIsOpen({ breaker }: ConnectionSource, command: Command): StoreUnavailableError {
  const context = { operation: nameOf(command), cause: breaker.cause };
  return new StoreUnavailableError("the circuit is open after failures in a row", context);
}

/** Portions count keys: one command may name hundreds. */
function portionsOf<Result>(
  commands: readonly Command<Result>[],
  keysAtOnce: number,
): readonly (readonly Command<Result>[])[] {
  const portions: Command<Result>[][] = [];
  let portion: Command<Result>[] = [];
  let keys = 0;
  for (const command of commands) {
    if (portion.length > 0 && keys + command.keyCount > keysAtOnce) {
      portions.push(portion);
      portion = [];
      keys = 0;
    }
    portion.push(command);
    keys += command.keyCount;
  }
  portions.push(portion);
  return portions;
}

function keyCountOf(commands: readonly Command[]): number {
  let keys = 0;
  for (const { keyCount } of commands) keys += keyCount;
  return keys;
}

function sizeOf({ args }: Command): number {
  let size = 0;
  for (let at = 0; at < args.length; at += 1) size += args[at]?.length ?? 0;
  return size;
}
