import assert from "node:assert/strict";
import { WrongTypeError } from "../../../src/contracts/errors.ts";
import type { Store } from "../../../src/contracts/store.ts";
import { assertHolds, forAMinute, justWritten, ruleWith, type StoreRule } from "./store-rule.ts";

/** Keys that hold another type. Skipped if the backend has no other type. */
export const foreignTypeRules: readonly StoreRule[] = [
  foreign("get rejects", async (store) => {
    await assert.rejects(store.get("key"), WrongTypeError);
  }),
  foreign("take rejects", async (store) => {
    await assert.rejects(store.take("key"), WrongTypeError);
    assert.equal(await store.has("key"), true);
  }),
  foreign("count rejects", async (store) => {
    await assert.rejects(store.count("key", 1n, { createWith: forAMinute }), WrongTypeError);
  }),
  foreign("getMany takes it for absent", async (store) => {
    assert.deepEqual(await store.getMany(["key", "nobody"]), [undefined, undefined]);
  }),
  foreign("has is true", async (store) => {
    assert.equal(await store.has("key"), true);
  }),
  foreign("delete removes it", async (store) => {
    assert.equal((await store.delete(["key"])).deleted, 1);
  }),
  foreign("set replaces it", async (store) => {
    assert.equal(await store.set("key", "x", justWritten), true);
    await assertHolds(store, "key", "x");
  }),
  foreign("set where absent refuses", async (store) => {
    const rules = { lifetime: forAMinute, condition: "absent" } as const;
    assert.equal(await store.set("key", "x", rules), false);
  }),
];

function foreign(name: string, check: (store: Store) => Promise<void>): StoreRule {
  return ruleWith(`over another type, ${name}`, async ({ store, subject }) => {
    await subject.plantForeignType?.("key");
    await check(store);
  });
}
