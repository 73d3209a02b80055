import type { OfUser } from "../contracts/sessions.ts";
import { hashOf } from "./session-id.ts";
import type { SessionRules } from "./session-rules.ts";

/** Where the sessions of each user are noted, by handle. An entry that outlives its session does no harm and goes by itself. */
export class UserIndex {
  readonly #rules: SessionRules;

  constructor(rules: SessionRules) {
    this.#rules = rules;
  }

  /** Notes a session for as long as the lease. Done before the session is stored, so that none is ever missed. */
  async add(user: string, handle: string, leaseMs: number): Promise<void> {
    await this.#run("save", (key, index) => index.add(key, handle, leaseMs), user);
  }

  async remove(user: string, handles: readonly string[]): Promise<void> {
    if (handles.length === 0) return;
    await this.#run("destroy", (key, index) => index.remove(key, handles), user);
  }

  /** Returns the handles noted; of some the session may be gone, or another user's. */
  async handles(user: string): Promise<readonly string[]> {
    return this.#run("list", (key, index) => index.members(key), user);
  }

  #run<T>(
    operation: string,
    task: (key: string, index: SessionRules["backend"]["index"]) => Promise<T>,
    user: string,
  ): Promise<T> {
    const { backend, keyPrefix } = this.#rules;
    const key = backend.key(`${keyPrefix}user:${hashOf(user)}`);
    return backend.run(`sessions.${operation}`, () => task(key, backend.index));
  }
}

/** Returns the user that a field names: text or a number, and nothing else. */
export function toUser(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  if (Number.isNaN(value)) return undefined;
  return typeof value === "number" || typeof value === "bigint" ? String(value) : undefined;
}

/** Returns the user asked for. @throws TypeError */
export function requireUser({ userId }: OfUser): string {
  const user = toUser(userId);
  if (user !== undefined) return user;
  throw new TypeError("userId must be a text that is not empty, or a number.");
}
