import type { Cache } from "../../src/contracts/cache.ts";
import type { RecordStore } from "../../src/contracts/records.ts";
import { sessionBackendOf } from "../../src/sessions/session-backend.ts";
import { freshPrefix, sharedUnixUrl } from "../support/fresh.ts";
import { openCache } from "../support/open-cache.ts";
import { cacheWithBackend } from "./cache-with-backend.ts";
import { Seeded } from "./seeded.ts";

/** How many worlds a test goes through, and the seed of the first. */
export const interleavings = Number(process.env["CACHEWELL_INTERLEAVINGS"] ?? 10_000);
export const firstSeed = Number(process.env["CACHEWELL_SEED"] ?? Date.now() % 2 ** 31);
const worldsAtOnce = 120;

/** Plays one world, as chance has it. Returns which promises were broken. */
export type Play = (cache: Cache, name: string, chance: Seeded) => Promise<readonly string[]>;

/** Opens a cache on a Redis, with room to itself. */
export function openStore(): Cache {
  const location = sharedUnixUrl();
  return openCache({ location, keyPrefix: freshPrefix(), commandTimeout: "30s" });
}

/** Plays so many worlds, some at once. Returns the promises that were broken, with the world's seed. */
export async function explore(
  cache: Cache,
  worlds: number,
  play: Play,
): Promise<readonly string[]> {
  const broken: string[] = [];
  let next = 0;
  const explorer = async (): Promise<void> => {
    while (next < worlds && broken.length < 10) {
      const seed = firstSeed + next;
      next += 1;
      broken.push(...(await play(cache, `world ${seed}`, new Seeded(seed))));
    }
  };
  await Promise.all(Array.from({ length: worldsAtOnce }, explorer));
  return broken;
}

/** Returns the same cache to sessions, with other records. */
export function withRecords(
  cache: Cache,
  change: (records: RecordStore) => Partial<RecordStore>,
): Cache {
  const backend = sessionBackendOf(cache);
  const { records } = backend;
  const whole: RecordStore = {
    load: (...args) => records.load(...args),
    create: (...args) => records.create(...args),
    update: (...args) => records.update(...args),
    put: (...args) => records.put(...args),
    touch: (...args) => records.touch(...args),
    move: (...args) => records.move(...args),
    keys: (...args) => records.keys(...args),
    destroy: (...args) => records.destroy(...args),
    ...change(records),
  };
  return cacheWithBackend({ ...backend, records: whole });
}

const forAnHour = { ttlMs: 3_600_000 };

/** Stores that break a promise, each of which so many worlds show. */
export const brokenStores: readonly {
  readonly what: string;
  readonly worlds: number;
  readonly open: () => Cache;
}[] = [
  { what: "a store that writes what it should refuse", worlds: 500, open: openWritingAlways },
  {
    what: "a store that writes whole sessions, and so loses fields",
    worlds: 2_000,
    open: openWritingWhole,
  },
];

function openWritingAlways(): Cache {
  return withRecords(openStore(), (records) => ({
    update: async (key, change, lifetime) => {
      if (await records.update(key, change, lifetime)) return true;
      await records.put(key, change.set, lifetime ?? forAnHour);
      return true;
    },
  }));
}

function openWritingWhole(): Cache {
  return withRecords(openStore(), (records) => ({
    update: async (key, { set, remove }, lifetime) => {
      const found = await records.load(key);
      if (!found) return false;
      const fields = new Map([...found.fields, ...set]);
      for (const name of remove) fields.delete(name);
      await records.put(key, fields, lifetime ?? forAnHour);
      return true;
    },
  }));
}
