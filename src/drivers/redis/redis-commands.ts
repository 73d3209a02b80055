/** One argument of a Redis command: text or bytes, nothing else travels. */
export type RedisArgument = string | Buffer;

/** A command: its name, and its arguments. */
export type RedisCommand = readonly RedisArgument[];

/** What a reply must look like, and how the client is to hand it over. */
export interface ReplyForm {
  /** The client's own options for one command, whatever its owner's defaults are. */
  readonly options: { readonly typeMapping: object; readonly timeout: undefined };
  fits(reply: unknown, command: RedisCommand): boolean;
}

/**
 * Sends commands to one Redis. The subset of a client that this library calls, in our own types.
 *
 * A reply is of the form that was asked for: any other is doubt about the connection. Failures
 * reject with the errors of `errors.ts`; nothing is ever sent twice unless the server said that it
 * did nothing.
 */
export interface RedisCommands {
  /** @param calls how many of our users' calls the command is for, 1 unless it is told */
  send(command: RedisCommand, form: ReplyForm, calls?: number): Promise<unknown>;

  /**
   * Sends several that belong together: let in together, or not at all. So many go at once, and the
   * next when those are answered. Rejects as the first that fails; a write may be done in part then.
   */
  sendMany(
    commands: readonly RedisCommand[],
    form: ReplyForm,
    rules: TogetherRules,
  ): Promise<unknown[]>;
}

/** How several commands travel. */
export interface TogetherRules {
  /** How many go at once. */
  readonly atOnce: number;
  /** How many of our users' calls they are for, 1 unless it is told. */
  readonly calls?: number;
}

/** Commands that a call may be announced to before it is sent. */
export interface ReservableCommands extends RedisCommands {
  /** How long an answer may take. */
  readonly answerMs: number;

  /**
   * Keeps a place for a call that will be sent within this turn of the event loop; `release` gives it back
   * before that. Returns why there is none, if so: the call is refused then.
   */
  reserve(sizeBytes: number): Error | undefined;
  release(calls: number, sizeBytes: number): void;
}

/** The members of a node-redis client that are called here, its own or a user's. */
export interface NodeRedisClient {
  readonly isReady: boolean;
  sendCommand(command: RedisCommand, options?: ReplyForm["options"]): Promise<unknown>;
  /** Returns the same client, with options for each command of its own. */
  withCommandOptions?(options: ReplyForm["options"]): Pick<NodeRedisClient, "sendCommand">;
  connect(): Promise<unknown>;
  close(): Promise<void>;
  destroy(): void;
  on(event: "error", listener: (cause: unknown) => void): unknown;
  once(event: "connect", listener: () => void): unknown;
}
