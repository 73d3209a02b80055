import { optionNames, requireKnownOptions } from "../checks/known-options.ts";
import { isStoreFailure } from "../contracts/errors.ts";
import type {
  DestroyAllOptions,
  LoadOptions,
  OfUser,
  Session,
  SessionSummary,
  Sessions,
  SessionsOptions,
} from "../contracts/sessions.ts";
import { mapInBatches } from "../kit/batches.ts";
import { StoredSession } from "./session.ts";
import { handleOf, isSessionId } from "./session-id.ts";
import { userItem } from "./session-metadata.ts";
import { fieldOfMetadata, type LoadedSession, SessionRecords } from "./session-records.ts";
import { resolveSessionRules } from "./session-rules.ts";
import { type SessionStart, SessionState } from "./session-state.ts";
import { type SessionParts, SessionWriter } from "./session-writer.ts";
import { requireUser, UserIndex } from "./user-index.ts";

/**
 * Creates sessions that live in a cache. Synchronous; opens no connection.
 *
 * @throws ConfigurationError for an unknown option
 * @throws TypeError for a value of the wrong type, or an infinite lifetime
 */
export function createSessions(options: SessionsOptions): Sessions {
  const rules = resolveSessionRules(options);
  const records = new SessionRecords(rules.backend, rules.keyPrefix, rules.maxBytes);
  return new CacheSessions({ rules, records, users: new UserIndex(rules) });
}

/** How many sessions of one user a call reads or destroys in parallel. */
const sessionsAtOnce = 500;

class CacheSessions implements Sessions {
  readonly #parts: SessionParts;
  readonly #writer: SessionWriter;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#writer = new SessionWriter(parts);
  }

  get rolling(): boolean {
    return this.#parts.rules.rolling;
  }

  async load(id: unknown, options?: LoadOptions): Promise<Session> {
    const onStoreError = options === undefined ? "fail" : resolveOnStoreError(options);
    if (!isSessionId(id)) return this.#begin({ kind: "new" });
    const handle = handleOf(id);
    try {
      const loaded = await this.#parts.records.load(handle);
      return this.#begin(loaded ? { kind: "stored", id, handle, loaded } : { kind: "new" });
    } catch (cause) {
      if (onStoreError === "fail" || !isStoreFailure(cause)) throw cause;
      return this.#begin({ kind: "detached", handle, cause });
    }
  }

  async list(user: OfUser): Promise<SessionSummary[]> {
    const name = requireUser(user);
    const handles = await this.#parts.users.handles(name);
    const newestFirst = handles.toReversed(); // of sessions of the same age; the sort below is stable
    const found = await mapInBatches(newestFirst, sessionsAtOnce, (handle) =>
      this.#summary(handle, name),
    );
    return found
      .filter((summary) => summary !== undefined)
      .toSorted((one, other) => other.createdAt.getTime() - one.createdAt.getTime());
  }

  async destroyAll(options: DestroyAllOptions): Promise<number> {
    requireKnownOptions("destroyAll", options, destroyAllNames);
    const user = requireUser(options);
    const spared = requireSession(options.except);
    const { users, records } = this.#parts;
    const handles = await users.handles(user);
    const condition = { field: fieldOfMetadata(userItem), text: user };
    const destroyed = await mapInBatches(handles, sessionsAtOnce, (handle) =>
      records.destroy(handle, { condition, except: spared?.handle }),
    );
    const gone = handles.filter((_, index) => destroyed[index]);
    await users.remove(user, gone);
    return gone.length;
  }

  #begin(start: SessionStart): Session {
    return new StoredSession(new SessionState(this.#parts.rules, start), this.#writer);
  }

  async #summary(handle: string, user: string): Promise<SessionSummary | undefined> {
    const loaded = await this.#parts.records.load(handle);
    if (loaded?.metadata.get(userItem) !== user) return undefined;
    const destroy = async (): Promise<boolean> => {
      const destroyed = await this.#parts.records.destroy(handle);
      if (destroyed) await this.#parts.users.remove(user, [handle]);
      return destroyed;
    };
    return { handle, ...this.#datesOf(loaded), ...readerOf(loaded), destroy };
  }

  #datesOf({ ageMs, remainingMs }: LoadedSession): Pick<SessionSummary, "createdAt" | "expiresAt"> {
    const now = this.#parts.rules.backend.clock.now();
    return { createdAt: new Date(now - ageMs), expiresAt: new Date(now + remainingMs) };
  }
}

function readerOf(loaded: LoadedSession): Pick<SessionSummary, "get"> {
  const values = loaded.valuesByName();
  return { get: <T>(field: string) => values.get(field) as T | undefined }; // the caller knows what it stored
}

/** Returns the session to spare, if any. @throws TypeError rather than destroy it by mistake */
function requireSession(except: unknown): Session | undefined {
  if (except === undefined) return undefined;
  const isSession = typeof except === "object" && except !== null && "handle" in except;
  if (isSession) return except as Session; // of this library, or of another copy of it
  throw new TypeError("except must be a session.");
}

const loadNames = optionNames<LoadOptions>({ onStoreError: true });
const destroyAllNames = optionNames<DestroyAllOptions>({ userId: true, except: true });

function resolveOnStoreError(options: LoadOptions): "fail" | "anonymous" {
  requireKnownOptions("load", options, loadNames);
  return requireOnStoreError(options.onStoreError ?? "fail");
}

/** Returns what to do when the store is unreachable. @throws TypeError */
function requireOnStoreError(value: unknown): "fail" | "anonymous" {
  if (value === "fail" || value === "anonymous") return value;
  throw new TypeError('onStoreError must be "fail" or "anonymous".');
}
