import type { Encoded } from "../../../contracts/serializer.ts";

/** One argument of a Redis command: text or bytes; nothing else travels. */
export type RedisArgument = string | Buffer;

/** How the client hands a reply over, whatever defaults its owner gave it: RESP types by their first byte. */
export interface ReplyOptions {
  readonly typeMapping: object;
  readonly timeout: undefined;
}

/** What replies a command may get, and what they mean. */
export interface ReplyType<Result> {
  readonly options: ReplyOptions;

  /** Whether the reply can answer this command. If not, the connection has lost step and is given up. */
  matches(reply: unknown, command: Command): boolean;

  /** Returns what a matching reply means. */
  toResult(reply: unknown): Result;
}

/**
 * A Redis command, which knows its keys, whether it writes, and what replies it may get. Made by the builders
 * of this room alone.
 */
export interface Command<Result = unknown> {
  /** The name, then the arguments. */
  readonly args: readonly RedisArgument[];

  /** The place of the first key in `args`; the others follow it. */
  readonly firstKey: number;

  /** How many arguments are keys; 0: it concerns no key, or all of them. */
  readonly keyCount: number;

  /** Whether it may change something: a lost reply then leaves in doubt whether it did. */
  readonly isWrite: boolean;

  readonly reply: ReplyType<Result>;
}

/** Returns the name of a command, as errors show it. */
export function nameOf({ args }: Command): string {
  return String(args[0]);
}

/** Returns a value as an argument. Copies no byte. */
export function toArgument(value: Encoded): RedisArgument {
  if (typeof value === "string" || Buffer.isBuffer(value)) return value;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
