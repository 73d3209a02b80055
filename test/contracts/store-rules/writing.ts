import assert from "node:assert/strict";
import type { Lifetime, Store, WriteRules } from "../../../src/contracts/store.ts";
import {
  assertHolds,
  assertLives,
  forAMinute,
  forever,
  justWritten,
  minuteMs,
  rule,
  type StoreRule,
  times,
  writeAll,
  writeMany,
} from "./store-rule.ts";

/** The lifetime of the value before the write, or `"nothing"` if the key is absent. */
type Before = Lifetime | "nothing";

interface Write {
  readonly before: Before;
  readonly rules: WriteRules;
}

const bothKeys = [
  ["old", "new"],
  ["none", "new"],
] as const;
const forAnHour: Lifetime = { ttlMs: 60 * minuteMs };

/** Every way to write, over every previous value. */
const writes: readonly Write[] = [undefined, "absent" as const, "present" as const].flatMap(
  (condition) =>
    [false, true].flatMap((keepTtl) =>
      [forAMinute, "forever" as const].flatMap((lifetime) =>
        [forAnHour, "forever" as const, "nothing" as const].map((before) => ({
          before,
          rules: { lifetime, condition, keepTtl },
        })),
      ),
    ),
);

/** What writes and removals promise. */
export const writingRules: readonly StoreRule[] = [
  ...writes.map((write) =>
    rule(nameOf(write), async (store) => {
      await prepare(store, write.before);
      const hasWritten = await store.set("key", "new", write.rules);
      assert.equal(hasWritten, mayWrite(write));
      await assertOutcome(store, write);
    }),
  ),
  rule("a write replaces text by bytes", async (store) => {
    await store.set("key", "text", forever);
    await store.set("key", Uint8Array.of(1), forever);
    await assertHolds(store, "key", Uint8Array.of(1));
  }),
  rule("of a hundred writes to an absent key at once exactly one is made", async (store) => {
    const rules: WriteRules = { lifetime: forAMinute, condition: "absent" };
    const written = await Promise.all(times(100, (index) => store.set("seat", `${index}`, rules)));
    assert.equal(written.filter(Boolean).length, 1);
    await assertHolds(store, "seat", `${written.indexOf(true)}`);
  }),
  rule("setMany writes all its entries", async (store) => {
    const entries = times(1_000, (index) => [`key ${index}`, `${index}`] as const);
    await writeMany(store, entries, justWritten);
    await assertHolds(store, "key 0", "0");
    await assertHolds(store, "key 999", "999");
  }),
  rule("setMany gives its entries a lifetime", async (store) => {
    await writeMany(store, [["key", "x"]], justWritten);
    await assertLives(store, "key", forAMinute);
  }),
  rule("setMany gives its entries an endless life", async (store) => {
    await writeMany(store, [["key", "x"]], forever);
    await assertLives(store, "key", "forever");
  }),
  rule("setMany replaces value and lifetime", async (store) => {
    await store.set("key", "old", forever);
    await writeMany(store, [["key", "new"]], justWritten);
    await assertHolds(store, "key", "new");
    await assertLives(store, "key", forAMinute);
  }),
  rule("setMany lets the last entry of a key win", async (store) => {
    await writeMany(
      store,
      [
        ["key", "first"],
        ["key", "last"],
      ],
      justWritten,
    );
    await assertHolds(store, "key", "last");
  }),
  rule("setMany where absent leaves what lives", async (store) => {
    await store.set("old", "old", forever);
    await writeMany(store, bothKeys, { lifetime: forAMinute, condition: "absent" });
    await assertHolds(store, "old", "old");
    await assertLives(store, "old", "forever");
    await assertHolds(store, "none", "new");
  }),
  rule("setMany where present creates nothing", async (store) => {
    await store.set("old", "old", forever);
    await writeMany(store, bothKeys, { lifetime: forAMinute, condition: "present" });
    await assertHolds(store, "old", "new");
    await assertLives(store, "old", forAMinute);
    assert.equal(await store.has("none"), false);
  }),
  rule("setMany of nothing resolves", async (store) => {
    await writeMany(store, [], justWritten);
  }),
  rule("delete removes a key", async (store) => {
    await store.set("key", "x", justWritten);
    assert.equal((await store.delete(["key"])).deleted, 1);
    await assertHolds(store, "key", undefined);
  }),
  rule("delete counts the keys that existed", async (store) => {
    await writeAll(store, ["a", "b"]);
    assert.equal((await store.delete(["a", "nobody", "b"])).deleted, 2);
  }),
  rule("delete counts a repeated key once", async (store) => {
    await store.set("key", "x", justWritten);
    assert.equal((await store.delete(["key", "key"])).deleted, 1);
  }),
  rule("delete leaves other keys", async (store) => {
    await writeAll(store, ["a", "b"]);
    await store.delete(["a"]);
    assert.equal(await store.has("b"), true);
  }),
  rule("delete of nothing answers 0", async (store) => {
    assert.equal((await store.delete([])).deleted, 0);
  }),
  rule("delete of an absent key answers 0", async (store) => {
    assert.equal((await store.delete(["nobody"])).deleted, 0);
  }),
  rule("delete removes a thousand keys", async (store) => {
    const keys = times(1_000, (index) => `key ${index}`);
    await writeAll(store, keys);
    assert.equal((await store.delete(keys)).deleted, 1_000);
  }),
  rule("flush removes every key", async (store) => {
    await writeAll(store, ["a", "b:1", "é"]);
    await store.flush();
    const read = await store.getMany(["a", "b:1", "é"]);
    assert.deepEqual(read, [undefined, undefined, undefined]);
  }),
  rule("flush of an empty store resolves", async (store) => {
    await store.flush();
    await store.flush();
  }),
];

function nameOf(write: Write): string {
  const { lifetime, condition, keepTtl } = write.rules;
  const where = condition === undefined ? "" : ` where ${condition}`;
  const life = lifetime === "forever" ? " forever" : " for a minute";
  const kept = keepTtl ? ", keeping a living key's lifetime," : "";
  const verdict = mayWrite(write) ? "writes" : "refuses";
  return `set${where}${life}${kept} ${verdict} over ${describe(write.before)}`;
}

function describe(before: Before): string {
  if (before === "nothing") return before;
  return before === "forever" ? "an endless key" : "a mortal key";
}

async function prepare(store: Store, before: Before): Promise<void> {
  if (before !== "nothing") await store.set("key", "old", { lifetime: before });
}

function mayWrite({ before, rules }: Write): boolean {
  if (rules.condition === undefined) return true;
  return (rules.condition === "present") === (before !== "nothing");
}

async function assertOutcome(store: Store, write: Write): Promise<void> {
  const { before, rules } = write;
  const isWritten = mayWrite(write);
  if (!isWritten && before === "nothing") {
    assert.equal(await store.has("key"), false);
    return;
  }
  const keepsOld = before !== "nothing" && (!isWritten || rules.keepTtl === true);
  await assertHolds(store, "key", isWritten ? "new" : "old");
  await assertLives(store, "key", keepsOld ? before : rules.lifetime);
}
