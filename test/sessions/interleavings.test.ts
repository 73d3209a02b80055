import { expect, test } from "vitest";
import {
  brokenStores,
  explore,
  firstSeed,
  interleavings,
  openStore,
  type Play,
  withRecords,
} from "./exploring.ts";
import { SessionWorld } from "./session-world.ts";

const play: Play = (cache, name, chance) => new SessionWorld(cache, name, chance).run();

test(
  `${interleavings} interleavings from seed ${firstSeed}: none brings a session back, loses a field or mixes two`,
  async () => {
    expect(await explore(openStore(), interleavings, play)).toEqual([]);
  },
  Math.max(60_000, interleavings * 5),
);

test.each(brokenStores)("$what is found out", async ({ open, worlds }) => {
  expect(await explore(open(), worlds, play)).not.toEqual([]);
});

test("a store that moves a session without a trace is found out", async () => {
  const cache = withRecords(openStore(), (records) => ({
    destroy: async (...args) => ({ destroyed: (await records.destroy(...args)).destroyed }),
  }));
  expect(await explore(cache, 2_000, play)).not.toEqual([]);
});

test("a store that says it refused, and wrote, is found out", async () => {
  const cache = withRecords(openStore(), (records) => ({
    update: async (key, change, lifetime) => {
      await records.update(key, change, lifetime);
      return false;
    },
  }));
  expect(await explore(cache, 500, play)).not.toEqual([]);
});
