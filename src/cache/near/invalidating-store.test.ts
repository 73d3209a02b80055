import { describe, expect, test } from "vitest";
import type { Store } from "../../contracts/store.ts";
import { InvalidatingStore } from "./invalidating-store.ts";
import { NearCache } from "./near-cache.ts";

/** A store whose every method waits until the test answers, or fails, it. */
function slowStore() {
  const settlers: {
    readonly answer: (reply: unknown) => void;
    readonly fail: (e: Error) => void;
  }[] = [];
  const wait = (): Promise<unknown> =>
    new Promise((answer, fail) => void settlers.push({ answer, fail }));
  const store = new Proxy({}, { get: (_, name) => (name === "name" ? "slow" : wait) });
  return { store: store as Store, settle: () => settlers.shift() };
}

function openNear() {
  const near = new NearCache({
    bounds: { maxEntries: 10, maxBytes: 1_000, maxAgeMs: Number.POSITIVE_INFINITY },
    invalidations: { follow: () => undefined, close: async () => undefined },
    refused: () => undefined,
  });
  near.trustedUntil(Number.POSITIVE_INFINITY);
  const { store, settle } = slowStore();
  return { near, settle, invalidating: new InvalidatingStore(store, near) };
}

function fill(near: NearCache, key: string): void {
  const reading = near.begin(key);
  near.keep(reading, {
    value: "old",
    stored: Buffer.from("old"),
    isShared: true,
    remainingMs: null,
  });
  near.end(reading);
}

const forever = { lifetime: "forever" } as const;
const bytes = Buffer.from("new");

const writes: readonly (readonly [string, (store: Store) => Promise<unknown>])[] = [
  ["set", (store) => store.set("key", bytes, forever)],
  ["setMany", (store) => store.setMany([{ key: "key", bytes, rules: forever }])],
  ["take", (store) => store.take("key")],
  ["delete", (store) => store.delete(["other", "key"])],
  ["count", (store) => store.count("key", 1n, {})],
  ["expire", (store) => store.expire("key", "forever")],
  ["expireAt", (store) => store.expireAt("key", 1)],
  ["persist", (store) => store.persist("key")],
  ["rename from it", (store) => store.rename("key", "other")],
  ["rename to it", (store) => store.rename("other", "key")],
  ["flush", (store) => store.flush()],
];

describe.each(writes)("a write by %s", (_name, write) => {
  test("is not answered yet: what was kept is not served any more", async () => {
    const { near, settle, invalidating } = openNear();
    fill(near, "key");
    const writing = write(invalidating);
    expect(near.find("key")).toBeUndefined();
    settle()?.answer(1);
    await writing;
  });

  test("is answered: what was read meanwhile is not served, nor what is still being read", async () => {
    const { near, settle, invalidating } = openNear();
    const writing = write(invalidating);
    fill(near, "key");
    const reading = near.begin("key");
    settle()?.answer(1);
    await writing;
    expect(near.find("key")).toBeUndefined();
    near.keep(reading, { value: "old", stored: bytes, isShared: true, remainingMs: null });
    expect(near.find("key")).toBeUndefined();
  });

  test("fails, and may have been done: nothing of before is served all the same", async () => {
    const { near, settle, invalidating } = openNear();
    const writing = write(invalidating);
    fill(near, "key");
    settle()?.fail(new Error("lost"));
    await expect(writing).rejects.toThrow("lost");
    expect(near.find("key")).toBeUndefined();
  });
});

test("what only reads drops nothing", async () => {
  const { near, settle, invalidating } = openNear();
  fill(near, "key");
  const reads = [
    invalidating.get("key"),
    invalidating.getMany(["key"]),
    invalidating.has("key"),
    invalidating.remainingMs("key"),
    invalidating.ping(),
  ];
  reads.forEach(() => settle()?.answer(undefined));
  await Promise.all(reads);
  expect(near.find("key")?.value).toBe("old");
});
