import { expect, test } from "vitest";
import type { Cache } from "../../src/contracts/cache.ts";
import { lendRecordAccess, recordAccessOf } from "../../src/contracts/record-access.ts";
import type { RecordStore } from "../../src/contracts/records.ts";
import { freshPrefix, sharedUnixUrl } from "../support/fresh.ts";
import { openCache } from "../support/open-cache.ts";
import { Seeded } from "./seeded.ts";
import { SessionWorld } from "./session-world.ts";

const interleavings = Number(process.env["CACHEWELL_INTERLEAVINGS"] ?? 10_000);
const firstSeed = Number(process.env["CACHEWELL_SEED"] ?? Date.now() % 2 ** 31);
const worldsAtOnce = 120;
const forAnHour = { ttlMs: 3_600_000 };

function openStore(): Cache {
  const location = sharedUnixUrl();
  return openCache({ location, keyPrefix: freshPrefix(), commandTimeout: "30s" });
}

/** Runs so many worlds, some at once. Returns the promises that were broken, with the world's seed. */
async function explore(cache: Cache, worlds: number): Promise<readonly string[]> {
  const broken: string[] = [];
  let next = 0;
  const explorer = async (): Promise<void> => {
    while (next < worlds && broken.length < 10) {
      const seed = firstSeed + next;
      next += 1;
      broken.push(...(await new SessionWorld(cache, `world ${seed}`, new Seeded(seed)).run()));
    }
  };
  await Promise.all(Array.from({ length: worldsAtOnce }, explorer));
  return broken;
}

/** Lends a cache's store with other records. */
function withRecords(cache: Cache, change: (records: RecordStore) => Partial<RecordStore>): Cache {
  const access = recordAccessOf(cache);
  const { records } = access;
  const lender = {} as Cache; // sessions use nothing of a cache but what it lends
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
  lendRecordAccess(lender, () => ({ ...access, records: whole }));
  return lender;
}

test(
  `${interleavings} interleavings from seed ${firstSeed}: none brings a session back, loses a field or mixes two`,
  async () => {
    expect(await explore(openStore(), interleavings)).toEqual([]);
  },
  Math.max(60_000, interleavings * 5),
);

test("a store that writes what it should refuse is found out", async () => {
  const cache = withRecords(openStore(), (records) => ({
    update: async (key, change, lifetime) => {
      if (!(await records.update(key, change, lifetime))) {
        await records.put(key, change.set, lifetime ?? forAnHour);
      }
      return true;
    },
  }));
  expect(await explore(cache, 500)).not.toEqual([]);
});

test("a store that moves a session without a trace is found out", async () => {
  const cache = withRecords(openStore(), (records) => ({
    destroy: async (...args) => ({ destroyed: (await records.destroy(...args)).destroyed }),
  }));
  expect(await explore(cache, 2_000)).not.toEqual([]);
});

test("a store that writes whole sessions, and so loses fields, is found out", async () => {
  const cache = withRecords(openStore(), (records) => ({
    update: async (key, { set, remove }, lifetime) => {
      const found = await records.load(key);
      if (!found) return false;
      const fields = new Map([...found.fields, ...set]);
      for (const name of remove) fields.delete(name);
      await records.put(key, fields, lifetime ?? forAnHour);
      return true;
    },
  }));
  expect(await explore(cache, 2_000)).not.toEqual([]);
});

test("a store that says it refused, and wrote, is found out", async () => {
  const cache = withRecords(openStore(), (records) => ({
    update: async (key, change, lifetime) => {
      await records.update(key, change, lifetime);
      return false;
    },
  }));
  expect(await explore(cache, 500)).not.toEqual([]);
});
