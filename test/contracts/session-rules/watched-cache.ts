import type { Cache } from "../../../src/contracts/cache.ts";
import {
  lendRecordAccess,
  type RecordAccess,
  recordAccessOf,
} from "../../../src/contracts/record-access.ts";
import type { MemberIndex } from "../../../src/contracts/records.ts";

/** A cache whose sessions' calls on the store are noted. */
export interface Watched {
  /** Lends what the cache lends, to sessions only. */
  readonly cache: Cache;
  /** The calls so far, as in `"load"`, and `"index.add"` for those on the index of users. */
  readonly calls: string[];
}

/** Notes what sessions call the store for, one by one, which is what they cost. */
export function watched(cache: Cache): Watched {
  const access = recordAccessOf(cache);
  const calls: string[] = [];
  const lent = {
    ...access,
    records: noting(access.records, "", calls),
    index: noting(access.index, "index.", calls),
  };
  return { cache: lending(lent), calls };
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

/** Lends what `cache` lends, but that nobody is ever taken off an index of users: the store fails at it. */
export function neverRemoving(cache: Cache): Cache {
  const access = recordAccessOf(cache);
  const index: MemberIndex = {
    add: (key, member, leaseMs) => access.index.add(key, member, leaseMs),
    members: (key) => access.index.members(key),
    remove: async () => {
      throw new RangeError("not now");
    },
  };
  return lending({ ...access, index });
}

function lending(access: RecordAccess): Cache {
  const lender = {} as Cache; // sessions use nothing of a cache but what it lends
  lendRecordAccess(lender, () => access);
  return lender;
}
