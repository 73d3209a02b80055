import { isStoreFailure } from "../contracts/errors.ts";
import { requireKnownOptions } from "../contracts/known-options.ts";
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
import { isSessionId } from "./session-id.ts";
import type { SessionParts } from "./session-keeper.ts";
import { userNote } from "./session-notes.ts";
import { fieldOfNote, handleOf, type LoadedSession, SessionRecords } from "./session-records.ts";
import { resolveSessionRules } from "./session-rules.ts";
import { requireUser, UserIndex } from "./user-index.ts";

/**
 * Makes sessions that live in a cache. Synchronous; connects to nothing.
 *
 * @throws ConfigurationError for an unknown option
 * @throws TypeError for a value of the wrong type, a lifetime without end among them
 */
export function createSessions(options: SessionsOptions): Sessions {
  const rules = resolveSessionRules(options);
  const records = new SessionRecords(rules.backend, rules.keyPrefix, rules.maxBytes);
  return new CacheSessions({ rules, records, users: new UserIndex(rules) });
}

/** How many sessions of one user are asked for at once. */
const sessionsAtOnce = 500;

class CacheSessions implements Sessions {
  readonly #parts: SessionParts;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  get rolling(): boolean {
    return this.#parts.rules.rolling;
  }

  async load(id: unknown, options: LoadOptions = {}): Promise<Session> {
    const goesOn = resolveOnStoreError(options) === "anonymous";
    if (!isSessionId(id)) return new StoredSession(this.#parts, { kind: "new" });
    try {
      const loaded = await this.#parts.records.load(handleOf(id));
      return new StoredSession(
        this.#parts,
        loaded ? { kind: "stored", id, loaded } : { kind: "new" },
      );
    } catch (cause) {
      if (!goesOn || !isStoreFailure(cause)) throw cause;
      return new StoredSession(this.#parts, { kind: "detached", id, cause });
    }
  }

  async list(user: OfUser): Promise<SessionSummary[]> {
    const name = requireUser(user);
    const handles = await this.#parts.users.handles(name);
    const newestFirst = handles.toReversed(); // as far as their leases tell
    const found = await mapInBatches(newestFirst, sessionsAtOnce, (handle) =>
      this.#summary(handle, name),
    );
    return found
      .filter((summary) => summary !== undefined)
      .toSorted((one, other) => other.createdAt.getTime() - one.createdAt.getTime());
  }

  async destroyAll(options: DestroyAllOptions): Promise<number> {
    requireKnownOptions("destroyAll", options, ["userId", "except"]);
    const user = requireUser(options);
    const spared = requireSession(options.except);
    const { users, records } = this.#parts;
    const handles = await users.handles(user);
    const condition = { field: fieldOfNote(userNote), text: user };
    const destroyed = await mapInBatches(handles, sessionsAtOnce, (handle) =>
      records.destroy(handle, { condition, except: spared?.handle }),
    );
    const gone = handles.filter((_, index) => destroyed[index]);
    await users.remove(user, gone);
    return gone.length;
  }

  async #summary(handle: string, user: string): Promise<SessionSummary | undefined> {
    const loaded = await this.#parts.records.load(handle);
    if (loaded?.notes.get(userNote) !== user) return undefined;
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
  return { get: <T>(field: string) => values.get(field) as T | undefined }; // what is kept, the caller knows
}

/** Returns the session to be left alive, if any. @throws TypeError, since a slip here would end it */
function requireSession(except: unknown): Session | undefined {
  if (except === undefined) return undefined;
  const isSession = typeof except === "object" && except !== null && "handle" in except;
  if (isSession) return except as Session; // of this library, or of another copy of it
  throw new TypeError("except must be a session.");
}

function resolveOnStoreError(options: LoadOptions): "fail" | "anonymous" {
  requireKnownOptions("load", options, ["onStoreError"]);
  return requireOnStoreError(options.onStoreError ?? "fail");
}

/** Returns what an unreachable store means. @throws TypeError */
function requireOnStoreError(value: unknown): "fail" | "anonymous" {
  if (value === "fail" || value === "anonymous") return value;
  throw new TypeError('onStoreError must be "fail" or "anonymous".');
}
