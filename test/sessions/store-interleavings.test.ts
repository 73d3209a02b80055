import { expect, test } from "vitest";
import {
  explore,
  firstSeed,
  interleavings,
  openStore,
  type Play,
  withRecords,
} from "./exploring.ts";
import { StoreWorld } from "./store-world.ts";

const forAnHour = { ttlMs: 3_600_000 };

const play: Play = (cache, name, chance) => new StoreWorld(cache, name, chance).run();

test(
  `${interleavings} interleavings of a store of sessions from seed ${firstSeed}: none comes back or loses a field`,
  async () => {
    expect(await explore(openStore(), interleavings, play)).toEqual([]);
  },
  Math.max(60_000, interleavings * 5),
);

test("a store that writes what it should refuse is found out", async () => {
  const cache = withRecords(openStore(), (records) => ({
    update: async (key, change, lifetime) => {
      if (await records.update(key, change, lifetime)) return true;
      await records.put(key, change.set, lifetime ?? forAnHour);
      return true;
    },
  }));
  expect(await explore(cache, 500, play)).not.toEqual([]);
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
  expect(await explore(cache, 2_000, play)).not.toEqual([]);
});
