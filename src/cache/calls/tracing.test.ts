import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Cache } from "../../contracts/cache.ts";
import { createCache } from "../../create-cache.ts";
import { type OperationMessage, operations } from "./tracing.ts";

type Heard = readonly [event: string, message: OperationMessage];

/** Listens to the channel for one test. */
function listen(): Heard[] {
  const heard: Heard[] = [];
  const hear = (event: string) => (message: object) => {
    heard.push([event, { ...(message as OperationMessage) }]); // as it is now
  };
  const subscribers = {
    start: hear("start"),
    end: hear("end"),
    asyncStart: hear("asyncStart"),
    asyncEnd: hear("asyncEnd"),
    error: hear("error"),
  };
  operations.subscribe(subscribers);
  onTestFinished(() => {
    operations.unsubscribe(subscribers);
  });
  return heard;
}

const calls: readonly (readonly [
  string,
  (cache: Cache) => Promise<unknown>,
  key: string | undefined,
])[] = [
  ["get", (cache) => cache.get("key"), "key"],
  ["getOrThrow", (cache) => cache.getOrThrow("key"), "key"],
  ["set", (cache) => cache.set("key", 1), "key"],
  ["add", (cache) => cache.add("key", 1), "key"],
  ["has", (cache) => cache.has("key"), "key"],
  ["delete", (cache) => cache.delete("key"), "key"],
  ["take", (cache) => cache.take("key"), "key"],
  ["incr", (cache) => cache.incr("n", 1, { ifMissing: "create" }), "n"],
  ["ttl", (cache) => cache.ttl("key"), "key"],
  ["getOrSet", (cache) => cache.getOrSet("new", () => 1), "new"],
  ["getMany", (cache) => cache.getMany(["key"]), undefined],
  ["setMany", (cache) => cache.setMany({ key: 1 }), undefined],
  ["deleteMany", (cache) => cache.deleteMany(["key"]), undefined],
  ["getOrSetMany", (cache) => cache.getOrSetMany(["new"], () => [["new", 1]]), undefined],
  ["flushDatabase", (cache) => cache.flushDatabase(), undefined],
  ["ping", (cache) => cache.ping(), undefined],
];

describe("the tracing channel cachewell:operation", () => {
  test.each(calls)("tells of %s, once, and never its value", async (operation, make, key) => {
    const cache = createCache({ name: "shop" });
    await cache.set("key", "secret");
    const heard = listen();
    await make(cache);
    expect(heard.map(([event]) => event)).toEqual(["start", "end", "asyncStart", "asyncEnd"]);
    const about = { cache: "shop", operation, ...(key !== undefined && { key }) };
    expect(heard[0]?.[1]).toEqual(about);
    expect(heard[3]?.[1]).toEqual({ ...about, durationMs: expect.any(Number) });
  });

  test("tells the namespace with the key; an absent counter is no failure of the store", async () => {
    const cache = createCache();
    const heard = listen();
    const error: unknown = await cache
      .namespace("users")
      .incr("key")
      .catch((thrown: unknown) => thrown);
    expect(heard.map(([event]) => event)).toEqual(["start", "end", "asyncStart", "asyncEnd"]);
    expect(heard[0]?.[1]).toMatchObject({ key: "users:key" });
    expect(error).toMatchObject({ code: "CACHE_MISS" });
  });

  test("tells of a call that rejects", async () => {
    const cache = createCache();
    await cache.close();
    const heard = listen();
    await expect(cache.get("key")).rejects.toMatchObject({ code: "CLOSED" });
    expect(heard.map(([event]) => event)).toEqual([
      "start",
      "end",
      "error",
      "asyncStart",
      "asyncEnd",
    ]);
    expect(heard[2]?.[1]).toMatchObject({ operation: "get", error: { code: "CLOSED" } });
  });

  test("what a call does runs in the context that a subscriber binds", async () => {
    const storage = new AsyncLocalStorage<object>();
    const heard = listen();
    operations.start.bindStore(storage);
    onTestFinished(() => {
      operations.start.unbindStore(storage);
    });
    const seen = await createCache().getOrSet("key", () => storage.getStore() !== undefined);
    expect(seen).toBe(true);
    expect(heard).toHaveLength(4);
  });
});
