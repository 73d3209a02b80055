import { ConfigurationError } from "../../contracts/errors.ts";

const ofKey = ["version"];
const ofScan = ["version", "scanCount"];
const ofLoad = ["ttl", "negativeTtl", "signal", "lock", "version"];

/** A method that takes options. */
export type Operation =
  | "get"
  | "getOrThrow"
  | "getMany"
  | "set"
  | "setMany"
  | "add"
  | "getOrSet"
  | "getOrSetMany"
  | "has"
  | "delete"
  | "deleteMany"
  | "take"
  | "incr"
  | "decr"
  | "touch"
  | "persist"
  | "expire"
  | "expireAt"
  | "pexpire"
  | "pexpireAt"
  | "ttl"
  | "pttl"
  | "incrVersion"
  | "decrVersion"
  | "keys"
  | "iterKeys"
  | "deletePattern"
  | "lock"
  | "withLock"
  | "memoize"
  | "storedKey"
  | "rawClient";

/** The options that each method knows. */
const knownOptions: Readonly<Record<Operation, ReadonlySet<string>>> = {
  get: names("default", ...ofKey),
  getOrThrow: names(...ofKey),
  getMany: names(...ofKey),
  set: names("ttl", "nx", "xx", "keepTtl", ...ofKey),
  setMany: names("ttl", ...ofKey),
  add: names("ttl", ...ofKey),
  getOrSet: names(...ofLoad),
  getOrSetMany: names(...ofLoad),
  has: names(...ofKey),
  delete: names(...ofKey),
  deleteMany: names(...ofKey),
  take: names(...ofKey),
  incr: names("ifMissing", "ttl", ...ofKey),
  decr: names("ifMissing", "ttl", ...ofKey),
  touch: names(...ofKey),
  persist: names(...ofKey),
  expire: names(...ofKey),
  expireAt: names(...ofKey),
  pexpire: names(...ofKey),
  pexpireAt: names(...ofKey),
  ttl: names(...ofKey),
  pttl: names(...ofKey),
  incrVersion: names(...ofKey),
  decrVersion: names(...ofKey),
  keys: names(...ofScan),
  iterKeys: names(...ofScan),
  deletePattern: names("onProgress", "signal", ...ofScan),
  lock: names("ttl", "wait", "retryDelay", "autoExtend", ...ofKey),
  withLock: names("ttl", "wait", "retryDelay", "autoExtend", ...ofKey),
  memoize: names("key", ...ofLoad),
  storedKey: names(...ofKey),
  rawClient: names("write"),
};

/** Options that this version refuses, because it cannot honour them, rather than not know. */
const notYet: ReadonlySet<string> = new Set([
  "tags",
  "staleFor",
  "softTimeout",
  "hardTimeout",
  "earlyRefresh",
  "jitter",
  "lockTtl",
  "retryDelay",
]);

/**
 * Checks that `options` is an object with known names only: a misspelt option must not be ignored.
 *
 * @throws TypeError when it is no object, ConfigurationError for a name that is not known
 */
export function checkCallOptions(operation: Operation, options: unknown): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`The options of ${operation} must be an object.`);
  }
  const known = knownOptions[operation];
  for (const name in options) {
    if (!known.has(name)) throw unknownOption(operation, name, known);
  }
}

function unknownOption(operation: string, name: string, known: ReadonlySet<string>): Error {
  const problem = notYet.has(name)
    ? "is not available in this version yet"
    : `is not known; known: ${[...known].join(", ")}`;
  const message = `The option ${JSON.stringify(name)} of ${operation} ${problem}.`;
  return new ConfigurationError(name, message);
}

function names(...known: readonly string[]): ReadonlySet<string> {
  return new Set(known);
}
