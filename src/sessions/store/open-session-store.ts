import { optionNames, requireKnownOptions } from "../../checks/known-options.ts";
import { requireFilledText, requireWhole } from "../../checks/require.ts";
import type { SessionStore, SessionStoreOptions } from "../../contracts/session-store.ts";
import { sessionBackendOf } from "../session-backend.ts";
import { SessionRecords } from "../session-records.ts";
import { HashSessionStore } from "./hash-session-store.ts";
import { JsonSessionStore } from "./json-session-store.ts";

const names = optionNames<SessionStoreOptions>({
  cache: true,
  prefix: true,
  layout: true,
  maxBytes: true,
});

/** Opens a session store in a cache. Opens no connection. @throws ConfigurationError, TypeError */
export function openSessionStore(options: SessionStoreOptions): SessionStore {
  requireKnownOptions("the session store", options, names);
  const { cache, prefix = "sess:", layout = "merged", maxBytes } = options;
  const backend = sessionBackendOf(cache);
  requireFilledText("prefix", prefix);
  const most = maxBytes === undefined ? undefined : requireWhole("maxBytes", maxBytes, 1);
  if (layout === "connect-redis") return new JsonSessionStore(backend, prefix, most);
  if (layout === "merged") {
    return new HashSessionStore(backend, new SessionRecords(backend, prefix, most ?? 65_536));
  }
  throw new TypeError('layout must be "merged" or "connect-redis".');
}
