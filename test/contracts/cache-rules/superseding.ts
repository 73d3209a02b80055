import assert from "node:assert/strict";
import type { Cache } from "../../../src/contracts/cache.ts";
import { type CacheRule, type Gate, gate, rule } from "./cache-rule.ts";

/** Each write that supersedes a running load of `key`, and the value that is left afterwards. */
const superseding: readonly (readonly [string, (cache: Cache) => Promise<unknown>, unknown])[] = [
  ["set", (cache) => cache.set("key", "newer"), "newer"],
  ["setMany", (cache) => cache.setMany({ key: "newer" }), "newer"],
  ["add", (cache) => cache.add("key", "newer"), "newer"],
  ["incr", (cache) => cache.incr("key", 5, { ifMissing: "create" }), 5],
  ["set and delete", (cache) => setThen(cache, () => cache.delete("key")), undefined],
  ["set and touch 0", (cache) => setThen(cache, () => cache.touch("key", 0)), undefined],
  ["set and take", (cache) => setThen(cache, () => cache.take("key")), undefined],
  ["delete", (cache) => cache.delete("key"), undefined],
  ["deleteMany", (cache) => cache.deleteMany(["key"]), undefined],
  ["take", (cache) => cache.take("key"), undefined],
  ["set with ttl 0", (cache) => cache.set("key", "x", { ttl: 0 }), undefined],
  ["deletePattern", (cache) => cache.deletePattern("k*"), undefined],
  ["clear", (cache) => cache.clear(), undefined],
  ["flushDatabase", (cache) => cache.flushDatabase(), undefined],
  [
    "a delete through a view",
    (cache) => cache.withVersion(2).delete("key", { version: 1 }),
    undefined,
  ],
];

/** A write that comes while `getOrSet` loads its key: the load never overwrites it. */
export const supersedingRules: readonly CacheRule[] = [
  ...superseding.map(([what, supersede, left]) =>
    rule(`a load leaves what ${what} did after it began`, async ({ cache }) => {
      const { door, loading } = await begun(cache);
      await supersede(cache);
      door.open("old");
      assert.equal(await loading, "old");
      assert.equal(await cache.get("key"), left);
    }),
  ),
  rule("who asks after a write does not join the load before it", async ({ cache }) => {
    const { door, loading } = await begun(cache);
    await cache.delete("key");
    assert.equal(await cache.getOrSet("key", () => "newer"), "newer");
    door.open("old");
    assert.equal(await loading, "old");
    assert.equal(await cache.get("key"), "newer");
  }),
  rule("a load does not overwrite what another view wrote meanwhile", async (context) => {
    const { cache } = context;
    const { door, loading } = await begun(cache);
    await cache.withVersion(1).set("key", "newer");
    door.open("old");
    await loading;
    assert.equal(await cache.get("key"), "newer");
  }),
];

interface Begun {
  readonly door: Gate<string>;
  readonly loading: Promise<string>;
}

/** Starts a load of `key`, and resolves once its factory waits at `door`. */
async function begun(cache: Cache): Promise<Begun> {
  const [door, running] = [gate<string>(), gate()];
  const loading = cache.getOrSet("key", () => {
    running.open();
    return door.promise;
  });
  await running.promise;
  return { door, loading };
}

async function setThen(cache: Cache, next: () => Promise<unknown>): Promise<void> {
  await cache.set("key", "newer");
  await next();
}
