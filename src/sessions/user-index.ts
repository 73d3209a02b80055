import type { MemberIndex } from "../contracts/records.ts";
import type { BackendCall } from "../contracts/session-backend.ts";
import type { OfUser } from "../contracts/sessions.ts";
import { calls } from "./session-calls.ts";
import { hashOf } from "./session-id.ts";
import type { SessionRules } from "./session-rules.ts";

/** A call of the index under a user's key. */
type IndexTask<T> = (index: MemberIndex, key: string) => Promise<T>;

/** The index of each user's sessions, by handle. An entry may outlive its session, which does no harm: the entry ends too. */
export class UserIndex {
  readonly #rules: SessionRules;

  constructor(rules: SessionRules) {
    this.#rules = rules;
  }

  /** Adds a session for `ttlMs`. Called before the session is stored, so that the index never lacks a stored one. */
  async add(user: string, handle: string, ttlMs: number): Promise<void> {
    await this.#run(calls.save, user, (index, key) => index.add(key, handle, ttlMs));
  }

  async remove(user: string, handles: readonly string[]): Promise<void> {
    if (handles.length === 0) return;
    await this.#run(calls.destroy, user, (index, key) => index.remove(key, handles));
  }

  /** Returns the handles of a user. The session of a handle may be gone, or belong to another user now. */
  handles(user: string): Promise<readonly string[]> {
    return this.#run(calls.list, user, (index, key) => index.members(key));
  }

  #run<T>(call: BackendCall, user: string, task: IndexTask<T>): Promise<T> {
    const { backend, keyPrefix } = this.#rules;
    const key = backend.key(`${keyPrefix}user:${hashOf(user)}`);
    return backend.run(call, () => task(backend.index, key));
  }
}

/** Returns the user that a field's value names: a text that is not empty, or a number. */
export function toUser(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  if (Number.isNaN(value)) return undefined;
  return typeof value === "number" || typeof value === "bigint" ? String(value) : undefined;
}

/** Returns the user that a call names. @throws TypeError */
export function requireUser({ userId }: OfUser): string {
  const user = toUser(userId);
  if (user !== undefined) return user;
  throw new TypeError("userId must be a text that is not empty, or a number.");
}
