import type { Command, ReplyType } from "./command.ts";
import type { ConnectionSource } from "./connection-source.ts";
import { connecting } from "./key-commands.ts";
import type { LiveConnection } from "./live-connection.ts";
import { type Deferred, type ExecutorState, type Load, PendingCommand } from "./pending-command.ts";
import { isRefusal, isReplicaSpeaking, toCacheError } from "./server-errors.ts";

/** A result or an error for each command of a group. */
export type Outcomes<Result> = readonly (Result | Error)[];

/** What a {@link PendingGroup} is made of. */
export interface GroupRequest<Result> {
  /** At least one. */
  readonly commands: readonly Command<Result>[];
  readonly load: Load;
  readonly deferred: Deferred<Outcomes<Result>>;
}

const unsettled: unique symbol = Symbol("unsettled");

/** Several commands of one call, sent together, with one deadline and an outcome for each. */
export class PendingGroup<Result> extends PendingCommand<Outcomes<Result>> {
  readonly #commands: readonly Command<Result>[];
  readonly #outcomes: (Result | Error | typeof unsettled)[];
  /** How many commands have no outcome yet. */
  #unsettled: number;
  /** How many replies the connection owes. */
  #owed = 0;
  /** Why the server refused some, which may run elsewhere. */
  #refusal: Error | undefined = undefined;
  #isFailing = false;

  constructor(state: ExecutorState, source: ConnectionSource, request: GroupRequest<Result>) {
    super(state, source, { ...request, command: commandFor(request.commands) });
    this.#commands = request.commands;
    this.#unsettled = request.commands.length;
    this.#outcomes = request.commands.map(() => unsettled);
  }

  protected override get mayBeApplied(): boolean {
    return this.#commands.some((one, at) => one.isWrite && this.#outcomes[at] === unsettled);
  }

  protected override transmit(connection: LiveConnection): void {
    this.#refusal = undefined;
    this.#owed = this.#unsettled;
    for (let at = 0; at < this.#commands.length; at += 1) {
      const command = this.#commands[at];
      if (command && this.#outcomes[at] === unsettled) this.#transmitOne(command, at, connection);
    }
  }

  #transmitOne(command: Command<Result>, at: number, connection: LiveConnection): void {
    connection.send(command).then(
      (reply) => this.#received(reply, at, command),
      (error: unknown) => this.#failed(error, at, command),
    );
  }

  /** Where no command has an outcome, the group has failed as a whole. */
  protected override reject(error: Error): void {
    if (this.isOver) return;
    if (this.#unsettled === this.#commands.length) return this.deferred.reject(error);
    for (let at = 0; at < this.#outcomes.length; at += 1) {
      if (this.#outcomes[at] === unsettled) this.#outcomes[at] = error;
    }
    this.#resolve();
  }

  #received(reply: unknown, at: number, command: Command<Result>): void {
    this.answered();
    if (!command.reply.matches(reply, command)) return this.doubt();
    this.#settle(at, command.reply.toResult(reply));
  }

  #failed(cause: unknown, at: number, command: Command<Result>): void {
    const lostBecause = this.connection?.lostBecause;
    if (lostBecause) return this.#failTogether(lostBecause);
    const error = toCacheError(cause, command);
    if (isRefusal(error)) this.answered();
    if (!isReplicaSpeaking(error)) return this.#settle(at, error);
    this.#refusal = error;
    this.#countReply();
  }

  #failTogether(because: Error): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.state.lost.add(() => this.fail(because));
  }

  #settle(at: number, outcome: Result | Error): void {
    if (!this.isOver) {
      this.#outcomes[at] = outcome;
      this.#unsettled -= 1;
    }
    this.#countReply();
  }

  #countReply(): void {
    this.#owed -= 1;
    if (this.#owed > 0) return;
    if (this.#refusal && !this.isOver) return this.#sendRefusedElsewhere(this.#refusal);
    if (!this.isOver) this.#resolve();
    this.end();
  }

  #sendRefusedElsewhere(refusal: Error): void {
    if (!this.detour(refusal)) this.refuse(refusal);
  }

  #resolve(): void {
    this.deferred.resolve(this.#outcomes as Outcomes<Result>); // none is unsettled any more
  }
}

/** Returns what stands for all of them in errors, and what routes go by. Nobody sends it. */
function commandFor<Result>(commands: readonly Command[]): Command<Outcomes<Result>> {
  const [{ args, firstKey, keyCount } = connecting] = commands;
  const isWrite = commands.some((one) => one.isWrite);
  return { args, firstKey, keyCount, isWrite, reply: noReply };
}

const noReply: ReplyType<never> = {
  options: { typeMapping: {}, timeout: undefined },
  matches: () => false,
  toResult() {
    throw new TypeError("A group has no reply of its own.");
  },
};
