import { optionNames, requireKnownOptions } from "../checks/known-options.ts";
import { requireFilledText, requireFlag, requireWhole } from "../checks/require.ts";
import type { SessionBackend } from "../contracts/session-backend.ts";
import type { SessionsOptions } from "../contracts/sessions.ts";
import { parseDuration, parseFiniteDuration } from "../kit/duration.ts";
import type { LifetimeRules } from "./expiry.ts";
import { sessionBackendOf } from "./session-backend.ts";

/** The options of `createSessions`, checked and with defaults. */
export interface SessionRules extends LifetimeRules {
  readonly backend: SessionBackend;
  readonly rolling: boolean;
  readonly keyPrefix: string;
  readonly userField: string;
  readonly maxBytes: number;
}

const names = optionNames<SessionsOptions>({
  cache: true,
  ttl: true,
  absoluteTtl: true,
  rolling: true,
  keyPrefix: true,
  userField: true,
  maxBytes: true,
});

/** Checks the options and fills in defaults. @throws ConfigurationError, TypeError */
export function resolveSessionRules(options: SessionsOptions): SessionRules {
  requireKnownOptions("createSessions", options, names);
  const { ttl = "14d", absoluteTtl = null, rolling = false } = options;
  const { keyPrefix = "session:", userField = "userId", maxBytes = 65_536 } = options;
  const hasBound = parseDuration("absoluteTtl", absoluteTtl) !== null;
  return {
    backend: sessionBackendOf(options.cache),
    ttlMs: parseFiniteDuration("ttl", ttl),
    absoluteTtlMs: hasBound ? parseFiniteDuration("absoluteTtl", absoluteTtl) : undefined,
    rolling: requireFlag("rolling", rolling),
    keyPrefix: requireFilledText("keyPrefix", keyPrefix),
    userField: requireFilledText("userField", userField),
    maxBytes: requireWhole("maxBytes", maxBytes, 1),
  };
}
