import {
  CacheError,
  CommandTimeoutError,
  ServerRefusedError,
  StoreUnavailableError,
  WrongTypeError,
} from "../../contracts/errors.ts";
import { loadRecord } from "./record-scripts.ts";
import type { RedisCommand } from "./redis-commands.ts";

/** Commands that change nothing, so losing their answer loses nothing. */
const readCommands = new Set([
  "GET",
  "MGET",
  "HGETALL",
  "EXISTS",
  "PTTL",
  "SCAN",
  "PING",
  "ZRANGE",
]);

/** Scripts that change nothing, by what EVALSHA and EVAL name them. */
const readScripts = new Set<unknown>([loadRecord.sha1, loadRecord.text]);

/** Answers that mean "not now": the server is there and cannot serve. */
const notNow = new Set([
  "LOADING",
  "BUSY",
  "MASTERDOWN",
  "CLUSTERDOWN",
  "READONLY",
  "NOREPLICAS",
  "TRYAGAIN",
]);

/** A server's answer begins with a word in capitals; an error of the socket or the client does not. */
const serverAnswer = /^([A-Z][A-Z]+)(?: |$)/;

/** Redis before 7 wraps what a script ran into in a sentence of its own. */
const inScript = /^(?:ERR Error running script .*?)?(?:@user_script: ?\d+: )+-?([A-Z][A-Z]+ .*)$/s;

/** Redis 7's words for a command, or a key, that an ACL forbids to a script. */
const forbiddenInScript = /^ERR The user executing the script can't /;

/** Where a server quotes the arguments of the command, values among them, in its complaint. */
const quotedArguments = /, with args beginning with.*$/s;
const quoted = /(['"`])(.*?)\1/gs;

/** Returns whether `command` may change something on the server. */
export function isWrite(command: RedisCommand): boolean {
  const [name, script] = command;
  if (name === "EVALSHA" || name === "EVAL") return !readScripts.has(script);
  return !readCommands.has(String(name));
}

/**
 * Returns the error of this library that says what a client's error means for `command`. A bug
 * stays what it is, so that nobody takes it for a store that is down.
 */
export function toCacheError(error: unknown, command: RedisCommand): Error {
  if (error instanceof CacheError) return error;
  if (error instanceof TypeError || error instanceof RangeError) return error;
  const operation = String(command[0]);
  const message = error instanceof Error ? error.message : String(error);
  const answer = inScript.exec(message)?.[1] ?? message;
  const reason = forbiddenInScript.test(answer) ? "NOPERM" : serverAnswer.exec(answer)?.[1];
  if (reason === undefined) {
    const maybeApplied = isWrite(command) && !isUnsent(error);
    return new StoreUnavailableError("the connection failed", {
      operation,
      maybeApplied,
      cause: error,
    });
  }
  return fromAnswer(reason, answer, { operation, cause: withoutArguments(error, command) });
}

/** By the names of node-redis' classes: it was told to send when it was closed already. */
function isUnsent(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ["ClientClosedError", "ClientOfflineError"].includes(error.constructor.name);
}

/**
 * Returns what the failure of one command means for a write of many: others may have been done,
 * those before it (`afterOthers`), or beside it where the server answered at all.
 */
export function asPartlyDone(error: unknown, afterOthers: boolean): unknown {
  if (!(error instanceof StoreUnavailableError) || error.maybeApplied) return error;
  const { operation, reason } = error;
  if (!afterOthers && reason === undefined) return error;
  const context = { operation, maybeApplied: true, cause: error, ...(reason && { reason }) };
  return new StoreUnavailableError("some of it may be done", context);
}

/** Returns whether an error tells of a server that cannot be reached, or does not answer. */
export function isOutage(error: unknown): boolean {
  if (error instanceof StoreUnavailableError) return error.reason === undefined;
  return error instanceof CommandTimeoutError;
}

function fromAnswer(
  reason: string,
  answer: string,
  context: { readonly operation: string; readonly cause: unknown },
): CacheError {
  if (reason === "WRONGTYPE") return new WrongTypeError({ cause: context.cause });
  if (notNow.has(reason)) {
    return new StoreUnavailableError(`it answered ${reason}`, { ...context, reason });
  }
  if (answer.startsWith("ERR max number of clients")) {
    return new StoreUnavailableError("it has reached its number of clients", context);
  }
  return new ServerRefusedError(reason, context);
}

/** A rejected command's arguments may hold a stored value, or a password: they go no further. */
function withoutArguments(error: unknown, command: RedisCommand): unknown {
  const message = error instanceof Error ? error.message : String(error);
  const safe = message
    .replace(quotedArguments, "")
    .replace(quoted, (all, mark: string, text: string) =>
      isArgument(text, command) ? `${mark}…${mark}` : all,
    );
  return safe === message ? error : new Error(safe);
}

/** Servers shorten what they quote. */
function isArgument(quote: string, [, ...args]: RedisCommand): boolean {
  return args.some((argument) => argument.toString().startsWith(quote));
}

/** Returns what was thrown as an error, whatever it is. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
