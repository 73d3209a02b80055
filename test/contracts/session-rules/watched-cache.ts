import type { Cache } from "../../../src/contracts/cache.ts";
import type { MemberIndex } from "../../../src/contracts/records.ts";
import { sessionBackendOf } from "../../../src/sessions/session-backend.ts";
import { cacheWithBackend } from "../../sessions/cache-with-backend.ts";

/** A cache that records the store calls of its sessions. */
export interface Watched {
  /** Pass it to `createSessions`; nothing else of a cache works. */
  readonly cache: Cache;
  /** The calls so far: `"load"` for the records, `"index.add"` for the index of users. */
  readonly calls: string[];
}

/** Wraps a cache, and records every call that its sessions make to the store. */
export function watched(cache: Cache): Watched {
  const access = sessionBackendOf(cache);
  const calls: string[] = [];
  const lent = {
    ...access,
    records: noting(access.records, "", calls),
    index: noting(access.index, "index.", calls),
  };
  return { cache: cacheWithBackend(lent), calls };
}

function noting<T extends object>(target: T, head: string, calls: string[]): T {
  return new Proxy(target, {
    get(of, name) {
      const member: unknown = Reflect.get(of, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]): unknown => {
        calls.push(`${head}${String(name)}`);
        return Reflect.apply(member, of, args);
      };
    },
  });
}

/** Wraps a cache whose store fails to remove members from an index of users. */
export function neverRemoving(cache: Cache): Cache {
  const access = sessionBackendOf(cache);
  const index: MemberIndex = {
    add: (key, member, leaseMs) => access.index.add(key, member, leaseMs),
    members: (key) => access.index.members(key),
    remove: async () => {
      throw new RangeError("not now");
    },
  };
  return cacheWithBackend({ ...access, index });
}
