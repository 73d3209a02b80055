import { CommandTimeoutError, StoreUnavailableError } from "../../../contracts/errors.ts";
import { Deadline, type DeadlineQueue } from "../../../kit/deadline-queue.ts";
import type { TurnQueue } from "../../../kit/turn-queue.ts";
import type { Command } from "./command.ts";
import type { ConnectionSource } from "./connection-source.ts";
import { type LiveConnection, UnresponsiveServerError } from "./live-connection.ts";
import { isReplicaSpeaking } from "./server-errors.ts";

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
  detours(pending: Pending, refusal: Error, connection: LiveConnection): boolean;
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

/**
 * What was sent, or is to be sent, and has no reply yet. Its deadline bounds the caller's wait. A reply that comes
 * later goes nowhere: its place in the client's queue stays its own, so that it reaches no other caller.
 */
export abstract class Pending extends Deadline {
  source: ConnectionSource;
  protected readonly state: ExecutorState;
  protected connection: LiveConnection | undefined = undefined;
  /** Whether the caller has its outcome. */
  protected isOver = false;
  readonly #calls: number;
  readonly #bytes: number;
  #sentAtMs = 0;
  #answersBefore = 0;
  /** It is sent elsewhere once at most. */
  #isRepeated = false;

  constructor(state: ExecutorState, source: ConnectionSource, { calls, bytes }: Load) {
    super();
    this.state = state;
    this.source = source;
    this.#calls = calls;
    this.#bytes = bytes;
    state.calls += calls;
    state.bytes += bytes;
  }

  /** The command that stands for it in errors, and that routes go by. */
  abstract readonly command: Command;

  /** Sends what has no outcome yet. */
  protected abstract transmit(connection: LiveConnection): void;

  /** Hands the error to whoever waits for what has no outcome yet. */
  protected abstract reject(error: Error): void;

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

  override expire(): void {
    const { connection } = this;
    if (!connection) return this.#unanswered(noConnectionInTime());
    if (!this.isOver) {
      this.#unanswered(new CommandTimeoutError(this.state.answerMs, this.#context()));
    }
    const leftMs = connection.judge(this.#sentAtMs, this.#answersBefore);
    if (leftMs !== undefined) this.state.sent.add(this, leftMs);
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
    if (this.isOver) return this.cancel();
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
    this.state.calls -= this.#calls;
    this.state.bytes -= this.#bytes;
  }

  /** Whether any of what has no outcome yet may have changed something. */
  protected get mayBeApplied(): boolean {
    return this.command.isWrite;
  }

  #unanswered(error: Error): void {
    this.source.breaker.failed(error, this.#calls);
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
