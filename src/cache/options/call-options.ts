import { type OptionNames, optionNames, requireKnownOptions } from "../../checks/known-options.ts";
import type {
  AddOptions,
  DeletePatternOptions,
  GetOptions,
  GetOrSetOptions,
  IncrOptions,
  KeyOptions,
  LockOptions,
  MemoizeOptions,
  RawClientOptions,
  ScanOptions,
  SetManyOptions,
  SetOptions,
} from "../../contracts/cache.ts";

/** Options that a later version will honour. */
const notes = {
  notYet: [
    "tags",
    "staleFor",
    "softTimeout",
    "hardTimeout",
    "earlyRefresh",
    "jitter",
    "lockTtl",
    "retryDelay",
  ],
};

const version = true;
const ofKey = optionNames<KeyOptions>({ version }, notes);
const ofIncr = optionNames<IncrOptions>({ ifMissing: true, ttl: true, version }, notes);
const ofScan = optionNames<ScanOptions>({ version, scanCount: true }, notes);
const load = { ttl: true, negativeTtl: true, signal: true, lock: true, version } as const;
const ofLoad = optionNames<GetOrSetOptions>(load, notes);
const ofLock = optionNames<LockOptions>(
  { ttl: true, wait: true, retryDelay: true, autoExtend: true, version },
  notes,
);

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
const namesByOperation: Readonly<Record<Operation, OptionNames>> = {
  get: optionNames<GetOptions<unknown>>({ default: true, version }, notes),
  getOrThrow: ofKey,
  getMany: ofKey,
  set: optionNames<SetOptions>({ ttl: true, nx: true, xx: true, keepTtl: true, version }, notes),
  setMany: optionNames<SetManyOptions>({ ttl: true, version }, notes),
  add: optionNames<AddOptions>({ ttl: true, version }, notes),
  getOrSet: ofLoad,
  getOrSetMany: ofLoad,
  has: ofKey,
  delete: ofKey,
  deleteMany: ofKey,
  take: ofKey,
  incr: ofIncr,
  decr: ofIncr,
  touch: ofKey,
  persist: ofKey,
  expire: ofKey,
  expireAt: ofKey,
  pexpire: ofKey,
  pexpireAt: ofKey,
  ttl: ofKey,
  pttl: ofKey,
  incrVersion: ofKey,
  decrVersion: ofKey,
  keys: ofScan,
  iterKeys: ofScan,
  deletePattern: optionNames<DeletePatternOptions>(
    { onProgress: true, signal: true, version, scanCount: true },
    notes,
  ),
  lock: ofLock,
  withLock: ofLock,
  memoize: optionNames<MemoizeOptions<readonly unknown[]>>({ key: true, ...load }, notes),
  storedKey: ofKey,
  rawClient: optionNames<RawClientOptions>({ write: true }, notes),
};

/** Checks that `options` is an object with known names only. @throws TypeError, ConfigurationError */
export function checkCallOptions(operation: Operation, options: unknown): void {
  if (options !== undefined) requireKnownOptions(operation, options, namesByOperation[operation]);
}
