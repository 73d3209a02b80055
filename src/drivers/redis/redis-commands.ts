/** One argument of a Redis command: text or bytes, nothing else travels. */
export type RedisArgument = string | Buffer;

/** How text in a reply comes back: as a `string`, or as the bytes themselves. */
export type ReplyForm = "text" | "bytes";

/**
 * Sends commands to one Redis. The subset of a client that this library calls, in our own types.
 *
 * A reply is a string (or `Buffer`), a number, `null`, or an array of those. Failures reject with
 * the errors of `errors.ts`; nothing is ever sent twice.
 */
export interface RedisCommands {
  send(command: readonly RedisArgument[], form?: ReplyForm): Promise<unknown>;
}

/** The members of a node-redis client that are called here, its own or a user's. */
export interface NodeRedisClient {
  readonly isReady: boolean;
  sendCommand(
    command: readonly RedisArgument[],
    options: { readonly typeMapping: object; readonly timeout: undefined },
  ): Promise<unknown>;
  connect(): Promise<unknown>;
  close(): Promise<void>;
  destroy(): void;
  on(event: "error", listener: (cause: unknown) => void): unknown;
}
