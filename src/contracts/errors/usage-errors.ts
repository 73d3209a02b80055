import { CacheError, type Caused, type KeyContext, quote } from "./cache-error.ts";

/** An option is unknown, contradicts another, or is not available. */
export class ConfigurationError extends CacheError {
  override readonly name = "ConfigurationError";
  override readonly code = "CONFIGURATION";
  /** The option at fault, for example `"location"`. */
  readonly option: string;

  constructor(option: string, message: string, options?: Caused) {
    super(message, options);
    this.option = option;
  }
}

/** `createCaches` configured no cache of that alias. */
export class UnknownCacheError extends CacheError {
  override readonly name = "UnknownCacheError";
  override readonly code = "UNKNOWN_CACHE";
  readonly alias: string;
  /** The aliases that do exist. */
  readonly aliases: readonly string[];

  constructor(alias: string, aliases: readonly string[]) {
    const known = aliases.map((name) => JSON.stringify(name)).join(", ");
    super(`There is no cache named ${JSON.stringify(alias)}; configured: ${known || "none"}.`);
    this.alias = alias;
    this.aliases = aliases;
  }
}

/** A `getOrSet` factory ran longer than `hardTimeout`. */
export class FactoryTimeoutError extends CacheError {
  override readonly name = "FactoryTimeoutError";
  override readonly code = "FACTORY_TIMEOUT";
  readonly key: string;
  readonly timeoutMs: number;

  constructor({ key, timeoutMs }: KeyContext & { readonly timeoutMs: number }) {
    super(`The factory of ${quote(key)} did not finish within ${timeoutMs} ms.`);
    this.key = key;
    this.timeoutMs = timeoutMs;
  }
}

/** The cache is closed and takes no further calls. */
export class ClosedError extends CacheError {
  override readonly name = "ClosedError";
  override readonly code = "CLOSED";
  /** The name of the cache. */
  readonly cache: string;

  constructor(cache: string) {
    super(`The cache ${quote(cache)} is closed.`);
    this.cache = cache;
  }
}

/** Somebody destroyed the session before this save, for example by a logout elsewhere. Nothing was written. */
export class SessionInterruptedError extends CacheError {
  override readonly name = "SessionInterruptedError";
  override readonly code = "SESSION_INTERRUPTED";
  /** The HTTP status that web frameworks respond with. */
  readonly status = 400;
  /** The same, for frameworks that read this name. */
  readonly statusCode = 400;

  constructor() {
    super("The session was destroyed before it could be saved, for example by a logout elsewhere.");
  }
}
