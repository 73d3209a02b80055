import assert from "node:assert/strict";
import { ConfigurationError } from "../../../src/contracts/errors.ts";
import type { CacheOptions } from "../../../src/contracts/options.ts";
import {
  assertTypeError,
  type CacheContext,
  type CacheRule,
  call,
  rule,
  sortedKeys,
} from "./cache-rule.ts";
import { hostileTexts, plant } from "./walking.ts";

type Layout = Required<Pick<CacheOptions, "keyFunction" | "reverseKeyFunction">>;

/** Custom layouts with their reverse functions, for any prefix without `|`. */
const layouts: readonly (readonly [string, Layout])[] = [
  [
    "prefix|version|key",
    {
      keyFunction: (key, prefix, version) => `${prefix}|${version}|${key}`,
      reverseKeyFunction: (storedKey) => storedKey.split("|").slice(2).join("|"),
    },
  ],
  [
    "prefix|*[version]|key, which holds what patterns mean",
    {
      keyFunction: (key, prefix, version) => `${prefix}|*[${version}]|${key}`,
      reverseKeyFunction: (storedKey) => storedKey.split("|").slice(2).join("|"),
    },
  ],
  [
    "prefix|key|version",
    {
      keyFunction: (key, prefix, version) => `${prefix}|${key}|${version}`,
      reverseKeyFunction: (storedKey) => storedKey.split("|").slice(1, -1).join("|"),
    },
  ],
];

/** A common layout without the version, in which keys and locks look alike. */
const withoutVersion: Layout = {
  keyFunction: (key, prefix) => `${prefix}:${key}`,
  reverseKeyFunction: (storedKey) => storedKey.slice(storedKey.indexOf(":") + 1),
};

/** A layout that hides the key's text. */
const hiding: Layout = {
  keyFunction: (key, prefix) => `${prefix}|${key.length}`,
  reverseKeyFunction: (storedKey) => storedKey,
};

/** What `keyFunction`, `reverseKeyFunction` and `storedKey` promise. */
export const layoutRules: readonly CacheRule[] = [
  rule("a stored key is prefix, version and key", async ({ open }) => {
    const cache = await open({ keyPrefix: "p:q", version: 3 });
    assert.ok(cache.storedKey("a:b").endsWith("p:q:3:a:b"));
    assert.ok(cache.storedKey("a:b", { version: -1 }).endsWith("p:q:-1:a:b"));
    assert.ok(cache.withVersion(4).storedKey("a").endsWith("p:q:4:a"));
  }),
  rule("a stored key is the one that keyFunction makes", async ({ open }) => {
    const cache = await open({ keyPrefix: "p", ...layouts[0]?.[1] });
    assert.ok(cache.storedKey("key", { version: 5 }).endsWith("p|5|key"));
    assert.ok(cache.namespace("n").storedKey("key").endsWith("p|1|n:key"));
  }),
  ...layouts.flatMap(([name, layout]) => rulesOf(name, layout)),
  rule("keys and clear pass locks by under a layout of the user's", async ({ open }) => {
    const cache = await open({ keyPrefix: "p", ...withoutVersion });
    const lock = await cache.lock("door", { ttl: "1m" });
    await cache.set("key", 1);
    assert.deepEqual(await cache.keys("*"), ["key"]);
    assert.equal(await cache.clear(), 1);
    assert.equal(await lock.release(), true);
  }),
  rule(
    "a keyFunction that hides the key's text is refused where patterns need it",
    async ({ open }) => {
      const cache = await open(hiding);
      await cache.set("key", 1);
      assert.equal(await cache.get("key"), 1);
      await assert.rejects(cache.keys("*"), ConfigurationError);
      await assert.rejects(cache.deletePattern("*"), ConfigurationError);
    },
  ),
  ...(["keyFunction", "reverseKeyFunction"] as const).map((only) =>
    rule(`${only} alone is a TypeError`, async ({ open }) => {
      const half = { [only]: (text: string) => text };
      await assertTypeError(open(half));
    }),
  ),
  ...[5, undefined, ""].map((made) =>
    rule(`a keyFunction that makes ${JSON.stringify(made)} is a TypeError`, async ({ open }) => {
      const text = made as string; // as from JavaScript
      const cache = await open({ keyFunction: () => text, reverseKeyFunction: String });
      await assertTypeError(cache.set("key", 1));
    }),
  ),
  rule("a keyFunction that is none is a TypeError", async ({ open }) => {
    const options = { keyFunction: "upper", reverseKeyFunction: "lower" } as unknown as Layout;
    await assertTypeError(open(options));
  }),
  rule("storedKey refuses what is no key", async ({ cache }) => {
    await assertTypeError(call(cache, "storedKey", ""));
    await assertTypeError(call(cache, "storedKey", 5));
  }),
];

function rulesOf(name: string, layout: Layout): readonly CacheRule[] {
  const inLayout = (what: string, check: (context: CacheContext) => Promise<void>): CacheRule =>
    rule(`under the layout ${name} ${what}`, check);
  const texts = hostileTexts;
  return [
    inLayout("keys come back as they are", async ({ open }) => {
      const cache = await open(layout);
      await plant(cache, texts);
      assert.deepEqual([...(await cache.getMany(texts)).keys()], texts);
      assert.deepEqual(await sortedKeys(cache), texts.toSorted());
    }),
    inLayout("patterns are live in the caller's part only", async ({ open }) => {
      const cache = await open({ ...layout, keyPrefix: "p*" });
      await plant(cache, ["bar", "baz", "b*r", "foo"]);
      assert.deepEqual(await sortedKeys(cache, "ba[rz]"), ["bar", "baz"]);
      assert.deepEqual(await cache.keys("b\\*r"), ["b*r"]);
      assert.equal(await cache.deletePattern("b?r"), 2);
      assert.deepEqual(await sortedKeys(cache), ["baz", "foo"]);
    }),
    inLayout("versions are apart", async ({ open }) => {
      const cache = await open(layout);
      await cache.set("key", 1);
      await cache.set("key", 22, { version: 22 });
      assert.deepEqual(await cache.keys("*"), ["key"]);
      assert.equal(await cache.deletePattern("*", { version: 22 }), 1);
      assert.equal(await cache.incrVersion("key", 3), 4);
      assert.equal(await cache.get("key", { version: 4 }), 1);
    }),
    inLayout("clear removes every version", async ({ open }) => {
      const cache = await open(layout);
      for (const version of [1, 0, -7, 22]) await cache.set("key", 1, { version });
      assert.equal(await cache.clear(), 4);
    }),
    inLayout("a namespace holds its own", async ({ open }) => {
      const cache = await open(layout);
      const users = cache.namespace("us*rs");
      await plant(cache, ["users:1", "us*rs:2"]);
      assert.deepEqual(await users.keys("*"), ["2"]);
      assert.equal(await users.clear(), 1);
      assert.deepEqual(await cache.keys("*"), ["users:1"]);
    }),
    inLayout("locks and keys do not meet", async ({ open }) => {
      const cache = await open(layout);
      const lock = await cache.lock("key", { ttl: "1m" });
      assert.equal(await cache.has("key"), false);
      await cache.set("key", 1);
      assert.deepEqual(await cache.keys("*"), ["key"]);
      assert.equal(await cache.clear(), 1);
      assert.equal(await lock.release(), true);
    }),
  ];
}
