import { optionNames, requireKnownOptions } from "../../checks/known-options.ts";
import { hasMethods, requireFlag, requireText, requireWhole } from "../../checks/require.ts";
import { ConfigurationError } from "../../contracts/errors.ts";
import type { KeyLayout } from "../../contracts/key-layout.ts";
import type { CacheOptions, CircuitBreakerOptions, Logger } from "../../contracts/options.ts";
import type { Lifetime } from "../../contracts/store.ts";
import { KeyBuilder } from "../../keys/key-builder.ts";
import { customLayout, djangoLayout } from "../../keys/key-layout.ts";
import type { CircuitRules } from "../../kit/circuit-breaker.ts";
import { type Clock, systemClock } from "../../kit/clock.ts";
import { parseFiniteDuration } from "../../kit/duration.ts";
import { isPlainObject } from "../../kit/plain-data.ts";
import type { FailurePolicy } from "../calls/failure-policy.ts";
import { requireLifetime } from "../values/lifetimes.ts";
import { type NearBounds, resolveNearBounds } from "./near-bounds.ts";

/** The options of a cache, checked and filled in, but for those that its driver and codec check. */
export interface ResolvedOptions {
  readonly name: string;
  readonly lifetime: Lifetime;
  readonly keys: KeyBuilder;
  readonly policy: FailurePolicy;
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
  readonly circuit: CircuitRules;
  readonly maxPending: number;
  readonly maxPendingBytes: number;
  readonly coalesce: boolean;
  readonly scanCount: number;
  readonly maxEntries: number;
  readonly clock: Clock;
  /** `undefined`: there is to be none. */
  readonly near: NearBounds | undefined;
}

/** Options that a later version will honour. */
const notes = { notYet: ["readFrom"] };

const names = optionNames<CacheOptions>(
  {
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
    circuitBreaker: true,
    maxPending: true,
    maxPendingBytes: true,
    coalesce: true,
    scanCount: true,
    maxEntries: true,
    clock: true,
    nearCache: true,
    tls: true,
    events: true,
    name: true,
  },
  notes,
);

const circuitNames = optionNames<CircuitBreakerOptions>(
  { threshold: true, cooldown: true },
  { within: "circuitBreaker" },
);

/**
 * Checks the options and fills in the defaults.
 *
 * @param layout how stored keys are made, whatever the options say
 * @throws ConfigurationError for an unknown option or a value that cannot be meant
 * @throws TypeError for a value of the wrong type, durations among them
 */
export function resolveOptions(options: CacheOptions, layout?: KeyLayout): ResolvedOptions {
  requireKnownOptions("a cache", options, names);
  const { name = "default", ttl = 300, scanCount = 1_000, maxEntries = 10_000 } = options;
  const { coalesce = true } = options;
  const { connectTimeout = "2s", commandTimeout = "500ms", clock = systemClock } = options;
  const { maxPending = 10_000, maxPendingBytes = 2 ** 26 } = options;
  return {
    name: requireText("name", name),
    lifetime: requireLifetime(ttl),
    keys: resolveKeys(options, layout ?? resolveLayout(options)),
    policy: resolvePolicy(options),
    connectTimeoutMs: resolveTimeout("connectTimeout", connectTimeout),
    commandTimeoutMs: resolveTimeout("commandTimeout", commandTimeout),
    circuit: resolveCircuit(options.circuitBreaker),
    maxPending: requireWhole("maxPending", maxPending, 1),
    maxPendingBytes: requireWhole("maxPendingBytes", maxPendingBytes, 1),
    coalesce: requireFlag("coalesce", coalesce),
    scanCount: requireWhole("scanCount", scanCount, 1),
    maxEntries: requireWhole("maxEntries", maxEntries, 1, mostEntries),
    clock: requireClock(clock),
    near: resolveNearBounds(options.nearCache),
  };
}

/** Room for every entry is set aside at once, so a slip of the pen must not take all memory. */
const mostEntries = 2 ** 24;

/** No timer waits longer than 24.8 days; as a bound, that is as good as any longer time. */
function resolveTimeout(option: string, timeout: unknown): number {
  return Math.min(parseFiniteDuration(option, timeout), 2 ** 31 - 1);
}

/** A circuit that is turned off is one that never opens. */
function resolveCircuit(circuitBreaker: unknown = {}): CircuitRules {
  if (circuitBreaker === false) return { threshold: Number.POSITIVE_INFINITY, cooldownMs: 1_000 };
  if (!isPlainObject(circuitBreaker)) {
    throw new TypeError("circuitBreaker must be false or an object of threshold and cooldown.");
  }
  requireKnownOptions("circuitBreaker", circuitBreaker, circuitNames);
  const { threshold = 5, cooldown = "1s" } = circuitBreaker;
  return {
    threshold: requireWhole("circuitBreaker.threshold", threshold, 1),
    cooldownMs: parseFiniteDuration("circuitBreaker.cooldown", cooldown),
  };
}

function resolveKeys({ keyPrefix = "", version = 1 }: CacheOptions, layout: KeyLayout): KeyBuilder {
  return new KeyBuilder({
    prefix: requirePrefix(keyPrefix),
    version: requireWhole("version", version),
    layout,
    namespace: "",
  });
}

function requirePrefix(keyPrefix: unknown): string {
  const prefix = requireText("keyPrefix", keyPrefix);
  if (!prefix.isWellFormed()) {
    throw new TypeError("keyPrefix holds half of a surrogate pair, which UTF-8 cannot carry.");
  }
  if (!prefix.includes(":#")) return prefix;
  const message = 'keyPrefix must not hold ":#": what follows it is for locks.';
  throw new ConfigurationError("keyPrefix", message);
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
  const { ignoreErrors = false, logIgnoredErrors = false, logger = console } = options;
  return {
    ignoreErrors: requireFlag("ignoreErrors", ignoreErrors),
    logIgnoredErrors: requireFlag("logIgnoredErrors", logIgnoredErrors),
    logger: requireLogger(logger),
  };
}

function requireClock(clock: Clock): Clock {
  if (hasMethods(clock, ["now"])) return clock;
  throw new TypeError("clock must have a method now() that returns unix milliseconds.");
}

function requireLogger(logger: Logger): Logger {
  if (hasMethods(logger, ["error"])) return logger;
  throw new TypeError("logger must have a method error(message, ...details), as console has.");
}
