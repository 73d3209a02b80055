import type { Command } from "./command.ts";
import type { ConnectionSource } from "./connection-source.ts";
import type { LiveConnection } from "./live-connection.ts";
import { type Deferred, type ExecutorState, type Load, Pending } from "./pending.ts";
import { isRefusal, toCacheError } from "./server-errors.ts";

/** What a {@link PendingCommand} is made of. */
export interface CommandRequest<Result> {
  readonly command: Command<Result>;
  readonly load: Load;
  readonly deferred: Deferred<Result>;
}

/** One command, from its caller's request to its reply. */
export class PendingCommand<Result> extends Pending {
  readonly command: Command<Result>;
  readonly #deferred: Deferred<Result>;

  constructor(state: ExecutorState, source: ConnectionSource, request: CommandRequest<Result>) {
    super(state, source, request.load);
    this.command = request.command;
    this.#deferred = request.deferred;
  }

  protected override transmit(connection: LiveConnection): void {
    connection.send(this.command).then(
      (reply) => this.#received(reply),
      (error: unknown) => this.#failed(error),
    );
  }

  protected override reject(error: Error): void {
    this.#deferred.reject(error);
  }

  #received(reply: unknown): void {
    this.answered();
    const { command } = this;
    if (!command.reply.matches(reply, command)) return this.doubt();
    this.end();
    this.#deferred.resolve(command.reply.toResult(reply));
  }

  #failed(cause: unknown): void {
    const lostBecause = this.connection?.lostBecause;
    if (lostBecause) return this.state.lost.add(() => this.fail(lostBecause));
    const error = toCacheError(cause, this.command);
    if (!isRefusal(error)) return this.refuse(error);
    this.answered();
    if (!this.detour(error)) this.refuse(error);
  }
}
