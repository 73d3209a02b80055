import { ConfigurationError } from "../contracts/errors.ts";
import type { CacheOptions, Logger } from "../contracts/options.ts";
import type { Lifetime } from "../contracts/store.ts";
import { KeyBuilder } from "../keys/key-builder.ts";
import { customLayout, djangoLayout, type KeyLayout } from "../keys/key-layout.ts";
import { type Clock, systemClock } from "../kit/clock.ts";
import { parseFiniteDuration } from "../kit/duration.ts";
import { requireWhole } from "../kit/whole-number.ts";
import type { FailurePolicy } from "./guard.ts";
import { requireLifetime } from "./lifetimes.ts";

/** The options of a cache, checked and filled in, but for those that its driver and codec check. */
export interface ResolvedOptions {
  readonly name: string;
  readonly lifetime: Lifetime;
  readonly keys: KeyBuilder;
  readonly policy: FailurePolicy;
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
  readonly scanCount: number;
  readonly maxEntries: number;
  readonly clock: Clock;
}

/** All options there are; typed so that none can be forgotten. */
const known: Readonly<Record<keyof CacheOptions, true>> = {
  location: true,
  client: true,
  username: true,
  password: true,
  ttl: true,
  keyPrefix: true,
  version: true,
  keyFunction: true,
  reverseKeyFunction: true,
  serializer: true,
  compressor: true,
  compressMinBytes: true,
  maxValueBytes: true,
  ignoreErrors: true,
  logIgnoredErrors: true,
  logger: true,
  connectTimeout: true,
  commandTimeout: true,
  scanCount: true,
  maxEntries: true,
  clock: true,
  tls: true,
  events: true,
  name: true,
};

/** Options that a later version will honour, and that this one refuses rather than ignores. */
const notYet: ReadonlySet<string> = new Set([
  "circuitBreaker",
  "coalesce",
  "maxPending",
  "nearCache",
  "readFrom",
]);

/**
 * Checks the options and fills in the defaults.
 *
 * @throws ConfigurationError for an unknown option or a value that cannot be meant
 * @throws TypeError for a value of the wrong type, durations among them
 */
export function resolveOptions(options: CacheOptions): ResolvedOptions {
  requireKnownNames(options);
  return {
    name: requireText("name", options.name ?? "default"),
    lifetime: requireLifetime(options.ttl === undefined ? 300 : options.ttl),
    keys: resolveKeys(options),
    policy: resolvePolicy(options),
    connectTimeoutMs: parseFiniteDuration("connectTimeout", options.connectTimeout ?? "2s"),
    commandTimeoutMs: parseFiniteDuration("commandTimeout", options.commandTimeout ?? "500ms"),
    scanCount: requireWhole("scanCount", options.scanCount ?? 1_000, 1),
    maxEntries: requireWhole("maxEntries", options.maxEntries ?? 10_000, 1),
    clock: options.clock ?? systemClock,
  };
}

function requireKnownNames(options: unknown): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError("The options of a cache must be an object.");
  }
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(known, name)) continue;
    const problem = notYet.has(name) ? "is not available in this version yet" : "is not known";
    const hint = `known: ${Object.keys(known).join(", ")}`;
    throw new ConfigurationError(name, `The option ${JSON.stringify(name)} ${problem}; ${hint}.`);
  }
}

function resolveKeys(options: CacheOptions): KeyBuilder {
  const prefix = requireText("keyPrefix", options.keyPrefix ?? "");
  if (!prefix.isWellFormed()) {
    throw new TypeError("keyPrefix holds half of a surrogate pair, which UTF-8 cannot carry.");
  }
  const version = requireWhole("version", options.version ?? 1);
  return new KeyBuilder({ prefix, version, layout: resolveLayout(options), namespace: "" });
}

function resolveLayout({ keyFunction, reverseKeyFunction }: CacheOptions): KeyLayout {
  if (keyFunction === undefined && reverseKeyFunction === undefined) return djangoLayout;
  if (typeof keyFunction === "function" && typeof reverseKeyFunction === "function") {
    return customLayout(keyFunction, reverseKeyFunction);
  }
  throw new TypeError(
    "keyFunction and reverseKeyFunction must both be functions, or both left out.",
  );
}

function resolvePolicy(options: CacheOptions): FailurePolicy {
  return {
    ignoreErrors: requireFlag("ignoreErrors", options.ignoreErrors ?? false),
    logIgnoredErrors: requireFlag("logIgnoredErrors", options.logIgnoredErrors ?? false),
    logger: requireLogger(options.logger ?? console),
  };
}

function requireLogger(logger: Logger): Logger {
  if (typeof logger?.error === "function") return logger;
  throw new TypeError("logger must have a method error(message, ...details), as console has.");
}

function requireText(option: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw new TypeError(`${option} must be a string, got ${typeof value}.`);
}

function requireFlag(option: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new TypeError(`${option} must be true or false, got ${typeof value}.`);
}
