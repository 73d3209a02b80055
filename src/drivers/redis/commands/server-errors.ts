import {
  CacheError,
  CommandTimeoutError,
  ServerRefusedError,
  StoreUnavailableError,
  WrongTypeError,
} from "../../../contracts/errors.ts";
import { type Command, nameOf } from "./command.ts";

/** Answers that mean "not now": the server runs and cannot serve. */
const notNow = new Set([
  "LOADING",
  "BUSY",
  "MASTERDOWN",
  "CLUSTERDOWN",
  "READONLY",
  "NOREPLICAS",
  "TRYAGAIN",
]);

/** A server's error begins with a word in capitals; an error of the socket or the client does not. */
const serverAnswer = /^([A-Z][A-Z]+)(?: |$)/;

/** Redis before 7 wraps the error that a script met in a sentence of its own. */
const inScript = /^(?:ERR Error running script .*?)?(?:@user_script: ?\d+: )+-?([A-Z][A-Z]+ .*)$/s;

/** How Redis 7 says that an ACL forbids a script a command or a key. */
const forbiddenInScript = /^ERR The user executing the script can't /;

/** Where a server's error quotes the arguments of the command, values among them. */
const quotedArguments = /, with args beginning with.*$/s;
const quoted = /(['"`])(.*?)\1/gs;

/**
 * Returns the error of this library that says what a client's error means for `command`. A bug stays what it
 * is, so that it never counts as an outage.
 */
export function toCacheError(error: unknown, command: Command): Error {
  if (error instanceof CacheError) return error;
  if (error instanceof TypeError || error instanceof RangeError) return error;
  const operation = nameOf(command);
  const message = error instanceof Error ? error.message : String(error);
  const answer = inScript.exec(message)?.[1] ?? message;
  const reason = forbiddenInScript.test(answer) ? "NOPERM" : serverAnswer.exec(answer)?.[1];
  if (reason === undefined) {
    const maybeApplied = command.isWrite && !isUnsent(error);
    return new StoreUnavailableError("the connection failed", {
      operation,
      maybeApplied,
      cause: error,
    });
  }
  return fromAnswer(reason, answer, { operation, cause: withoutArguments(error, command) });
}

/** By the names of node-redis' classes: the client was closed already when the command came. */
function isUnsent(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ["ClientClosedError", "ClientOfflineError"].includes(error.constructor.name);
}

/** Returns whether an error is the server's own: it answered, and did not do it. */
export function isRefusal(error: Error): boolean {
  return error instanceof CacheError && !isOutage(error);
}

/** Returns whether an error is the answer of a replica, which did nothing: another server may. */
export function isReplicaSpeaking(error: Error): boolean {
  return (
    error instanceof StoreUnavailableError &&
    (error.reason === "READONLY" || error.reason === "MASTERDOWN")
  );
}

/** Returns whether an error means that the server cannot be reached, or does not answer. */
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

/** Drops the arguments of a rejected command, which may hold a stored value or a password. */
function withoutArguments(error: unknown, command: Command): unknown {
  const message = error instanceof Error ? error.message : String(error);
  const safe = message
    .replace(quotedArguments, "")
    .replace(quoted, (all, mark: string, text: string) =>
      isArgument(text, command) ? `${mark}…${mark}` : all,
    );
  return safe === message ? error : new Error(safe);
}

/** Servers shorten what they quote. */
function isArgument(quote: string, { args: [, ...args] }: Command): boolean {
  return args.some((argument) => argument.toString().startsWith(quote));
}

/** Returns what was thrown as an error, whatever it is. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
