import { expect, test } from "vitest";
import {
  brokenStores,
  explore,
  firstSeed,
  interleavings,
  openStore,
  type Play,
} from "./exploring.ts";
import { StoreWorld } from "./store-world.ts";

const play: Play = (cache, name, chance) => new StoreWorld(cache, name, chance).run();

test(
  `${interleavings} interleavings of a store of sessions from seed ${firstSeed}: none comes back or loses a field`,
  async () => {
    expect(await explore(openStore(), interleavings, play)).toEqual([]);
  },
  Math.max(60_000, interleavings * 5),
);

test.each(brokenStores)("$what is found out", async ({ open, worlds }) => {
  expect(await explore(open(), worlds, play)).not.toEqual([]);
});
