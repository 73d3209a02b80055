import { CommandTimeoutError, StoreUnavailableError } from "../../../contracts/errors.ts";
import type { Deadline, DeadlineQueue } from "../../../kit/deadline-queue.ts";
import type { TurnQueue } from "../../../kit/turn-queue.ts";
import type { Command } from "./command.ts";
import type { ConnectionSource } from "./connection-source.ts";
import { type LiveConnection, UnresponsiveServerError } from "./live-connection.ts";
import { isRefusal, isReplicaSpeaking, toCacheError } from "./server-errors.ts";

/** What the pending commands of one executor share. */
export interface ExecutorState {
  /** How many of our users' calls are in flight. */
  calls: number;
  /** The size of their arguments: in UTF-16 units for text, which is near enough to bytes, and free. */
  bytes: number;
  /** Those that have been sent, until they are answered. */
  readonly sent: DeadlineQueue;
  /** How long a reply may take before its connection is judged. */
  readonly answerMs: number;
  /** Fails those whose connection was lost: there may be thousands. */
  readonly lost: TurnQueue;
  /** Sends once more, elsewhere, what the server of `connection` refused to run. Returns whether it will. */
  detours(pending: PendingCommand, refusal: Error, connection: LiveConnection): boolean;
}

/** Takes the outcome of a pending command. A promise's `resolve` and `reject` are one. */
export interface Deferred<Result> {
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/** How much a pending command counts for. */
export interface Load {
  /** How many of our users' calls wait for it; 0 for what travels beside another. */
  readonly calls: number;
  readonly bytes: number;
}

/** What a {@link PendingCommand} is made of. */
export interface CommandRequest<Result> {
  readonly command: Command<Result>;
  readonly load: Load;
  readonly deferred: Deferred<Result>;
}

/**
 * One command, from its caller's request to its reply. Its deadline bounds the caller's wait. A reply that comes
 * later goes nowhere: its place in the client's queue stays its own, so that it reaches no other caller.
 */
export class PendingCommand<Result = unknown> implements Deadline {
  dueAtMs = 0;
  earlier: Deadline | undefined = undefined;
  later: Deadline | undefined = undefined;
  queue: DeadlineQueue | undefined = undefined;
  source: ConnectionSource;
  readonly command: Command<Result>;
  protected readonly state: ExecutorState;
  protected readonly deferred: Deferred<Result>;
  protected connection: LiveConnection | undefined = undefined;
  /** Whether the caller has its outcome. */
  protected isOver = false;
  readonly #load: Load;
  #sentAtMs = 0;
  #answersBefore = 0;
  /** It is sent elsewhere once at most. */
  #isRepeated = false;

  /** The load of `request` has been admitted: it counts among what is in flight until the command is over. */
  constructor(state: ExecutorState, source: ConnectionSource, request: CommandRequest<Result>) {
    this.state = state;
    this.source = source;
    this.command = request.command;
    this.deferred = request.deferred;
    this.#load = request.load;
  }

  /** Sends it, unless its caller has given up by now. */
  sendOver(connection: LiveConnection, timeoutMs: number): void {
    if (this.isOver) return;
    this.queue?.remove(this);
    this.connection = connection;
    this.#answersBefore = connection.answers;
    this.state.sent.add(this, timeoutMs);
    this.#sentAtMs = this.dueAtMs - timeoutMs;
    this.transmit(connection);
  }

  /** Ends it without its having been sent, or with an error that the server is not to blame for. */
  refuse(error: Error): void {
    this.reject(error);
    this.end();
  }

  expire(): void {
    const { connection } = this;
    if (!connection) return this.#unanswered(noConnectionInTime());
    if (!this.isOver) {
      this.#unanswered(new CommandTimeoutError(this.state.answerMs, this.#context()));
    }
    const leftMs = connection.judge(this.#sentAtMs, this.#answersBefore);
    if (leftMs !== undefined) this.state.sent.add(this, leftMs);
  }

  /** Sends what has no outcome yet. */
  protected transmit(connection: LiveConnection): void {
    connection.send(this.command).then(
      (reply) => this.#received(reply),
      (error: unknown) => this.#failed(error),
    );
  }

  /** Hands the error to whoever waits for what has no outcome yet. */
  protected reject(error: Error): void {
    this.deferred.reject(error);
  }

  /** Counts a reply that came, an error of the server's own among them: it is there. */
  protected answered(): void {
    const { connection, source } = this;
    if (connection) connection.answers += 1;
    if (!this.isOver && source.breaker.failures > 0) source.breaker.succeeded(); // too late is no success
  }

  /** Gives up a connection that brought a reply to another question. */
  protected doubt(): void {
    const because = new Error("the server's answer fits no question");
    this.connection?.lose(because);
    this.fail(because);
  }

  /** It was under way when the connection was given up. The source counts a loss, each call an unresponsive server. */
  protected fail(because: Error): void {
    if (this.isOver) return this.end();
    const error = new StoreUnavailableError(because.message, this.#context(because));
    if (because instanceof UnresponsiveServerError) this.#unanswered(error);
    else this.refuse(error);
  }

  /** Sends elsewhere what a replica refused to run. Returns whether it will. */
  protected detour(refusal: Error): boolean {
    const { connection } = this;
    if (!connection || !isReplicaSpeaking(refusal) || this.isOver || this.#isRepeated) return false;
    this.#isRepeated = true;
    this.connection = undefined;
    return this.state.detours(this, refusal, connection);
  }

  /** Calls it over: its caller has the outcome, and it counts no more. */
  protected end(): void {
    this.queue?.remove(this);
    if (this.isOver) return;
    this.isOver = true;
    this.state.calls -= this.#load.calls;
    this.state.bytes -= this.#load.bytes;
  }

  /** Whether any of what has no outcome yet may have changed something. */
  protected get mayBeApplied(): boolean {
    return this.command.isWrite;
  }

  #received(reply: unknown): void {
    this.answered();
    const { command } = this;
    if (!command.reply.matches(reply, command)) return this.doubt();
    this.end();
    this.deferred.resolve(command.reply.toResult(reply));
  }

  #failed(cause: unknown): void {
    const lostBecause = this.connection?.lostBecause;
    if (lostBecause) return this.state.lost.add(() => this.fail(lostBecause));
    const error = toCacheError(cause, this.command);
    if (!isRefusal(error)) return this.refuse(error);
    this.answered();
    if (!this.detour(error)) this.refuse(error);
  }

  #unanswered(error: Error): void {
    this.source.breaker.failed(error, this.#load.calls);
    this.refuse(error);
  }

  #context(cause?: Error): { operation: string; maybeApplied: boolean; cause: unknown } {
    return { operation: String(this.command.args[0]), maybeApplied: this.mayBeApplied, cause };
  }
}

/** What those get who waited for a connection in vain. */
export function noConnectionInTime(): StoreUnavailableError {
  return new StoreUnavailableError("there was no connection in time", { operation: "connect" });
}
