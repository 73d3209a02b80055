import assert from "node:assert/strict";
import { assertTypeError, type CacheRule, call, rule, sortedKeys } from "./cache-rule.ts";
import { hostileTexts, plant } from "./walking.ts";

/** What namespaces promise. */
export const namespaceRules: readonly CacheRule[] = [
  rule("a namespace puts its name and a colon before its keys", async ({ cache }) => {
    const users = cache.namespace("users");
    await users.set("1", "Ada");
    assert.equal(await users.get("1"), "Ada");
    assert.equal(await cache.get("users:1"), "Ada");
    assert.equal(await cache.has("1"), false);
    assert.equal(users.storedKey("1"), cache.storedKey("users:1"));
  }),
  rule("a namespace tells its own keys, without its name", async ({ cache }) => {
    await plant(cache, ["users:1", "users:2", "user:3", "users", "usersx:4", "5"]);
    assert.deepEqual(await sortedKeys(cache.namespace("users")), ["1", "2"]);
    assert.deepEqual(await cache.namespace("users").keys("[2-9]"), ["2"]);
  }),
  rule("a namespace clears its own keys, of every version", async ({ cache }) => {
    await plant(cache, ["users:1", "users:2", "user:3", "users", "usersx:4"]);
    await cache.set("users:1", 1, { version: 2 });
    await cache.set("other", 1, { version: 2 });
    assert.equal(await cache.namespace("users").clear(), 3);
    assert.deepEqual(await sortedKeys(cache), ["user:3", "users", "usersx:4"]);
    assert.deepEqual(await cache.keys("*", { version: 2 }), ["other"]);
  }),
  rule("a pattern of a namespace removes its own keys", async ({ cache }) => {
    await plant(cache, ["users:1", "users:2", "user:3", "1"]);
    assert.equal(await cache.namespace("users").deletePattern("*1*"), 1);
    assert.deepEqual(await sortedKeys(cache), ["1", "user:3", "users:2"]);
  }),
  rule("the parent sees and clears what a namespace holds", async ({ cache }) => {
    const users = cache.namespace("users");
    await plant(users, ["1", "2"]);
    assert.deepEqual(await sortedKeys(cache), ["users:1", "users:2"]);
    assert.equal(await cache.clear(), 2);
    assert.equal(await users.has("1"), false);
  }),
  rule("namespaces nest", async ({ cache }) => {
    const inner = cache.namespace("a").namespace("b");
    await plant(inner, ["key"]);
    await plant(cache, ["a:other", "b:other"]);
    assert.deepEqual(await cache.namespace("a:b").keys("*"), ["key"]);
    assert.deepEqual(await sortedKeys(cache.namespace("a")), ["b:key", "other"]);
    assert.equal(await inner.clear(), 1);
    assert.deepEqual(await sortedKeys(cache), ["a:other", "b:other"]);
  }),
  rule("hostile names of namespaces are taken as they are", async ({ cache }) => {
    const spaces = hostileTexts.map((name) => cache.namespace(`=${name}=`));
    for (const space of spaces) await plant(space, ["a", "*"]);
    for (const space of spaces) {
      assert.deepEqual(await sortedKeys(space), ["*", "a"]);
      assert.equal(await space.deletePattern("\\*"), 1);
      assert.equal(await space.clear(), 1);
    }
    assert.deepEqual(await cache.keys("*"), []);
  }),
  rule("every batch of a namespace stays within it", async ({ cache }) => {
    const users = cache.namespace("users");
    await plant(cache, ["1", "2"]);
    assert.deepEqual(await users.setMany({ 1: "Ada" }), []);
    assert.deepEqual([...(await users.getMany(["1", "2"]))], [["1", "Ada"]]);
    const made = await users.getOrSetMany(["1", "2"], async (missing) => {
      return new Map(missing.map((key) => [key, `made ${key}`]));
    });
    assert.deepEqual([...made], Object.entries({ 1: "Ada", 2: "made 2" }));
    assert.equal(await users.deleteMany(["1", "2"]), 2);
    assert.deepEqual(await sortedKeys(cache), ["1", "2"]);
  }),
  rule("a namespace keeps the version of its view, and a view the namespace", async ({ cache }) => {
    await cache.withVersion(2).namespace("n").set("key", 1);
    assert.equal(await cache.get("n:key", { version: 2 }), 1);
    await cache.namespace("n").withVersion(3).set("key", 1);
    assert.equal(await cache.get("n:key", { version: 3 }), 1);
    assert.equal(await cache.has("n:key"), false);
  }),
  rule("a namespace moves versions of its own key", async ({ cache }) => {
    const space = cache.namespace("n");
    await space.set("key", 1);
    assert.equal(await space.incrVersion("key"), 2);
    assert.equal(await cache.get("n:key", { version: 2 }), 1);
  }),
  rule("a namespace yields only keys that it can read", async ({ cache }) => {
    await plant(cache, ["users:", "users:1"]);
    const users = cache.namespace("users");
    for (const key of await users.keys("*")) assert.equal(await users.get(key), 1);
  }),
  ...["", undefined, null, 5, "\ud800"].map((name) =>
    rule(`${JSON.stringify(name)} is no name of a namespace`, async ({ cache }) => {
      await assertTypeError(call(cache, "namespace", name));
    }),
  ),
];
