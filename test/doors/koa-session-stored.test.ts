import { expect, test } from "vitest";
import { CacheStore } from "../../src/adapters/koa/index.ts";
import type { Serializer } from "../../src/contracts/serializer.ts";
import { openCache } from "../support/open-cache.ts";
import { startedRedis } from "../support/servers.ts";
import {
  browsersOf,
  type KoaSessionContext,
  koaSessionApp,
  openStore,
} from "./apps/koa-session-app.ts";
import { keyOf, Pause, paused, pausing } from "./support/koa-session-stage.ts";

/** By how much koa-session has sessions stored for longer than they live. */
const padMs = 10_000;

test.each(["memory", "Redis"] as const)(
  "50 requests side by side keep each other's fields in %s",
  async (place) => {
    const fields = Array.from({ length: 50 }, (_, index) => `field${index}`);
    const pause = new Pause(fields.length);
    const { store } = openStore({ place, layout: "merged" });
    const browser = (await browsersOf(koaSessionApp({ store, handler: pausing(pause) })))();
    await browser.post("/set/colour/red");
    const writes = fields.map((field) => browser.post(`/set/${field}/done`, paused));
    await pause.reached;
    pause.end();
    const answers = await Promise.all(writes);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const done = Object.fromEntries(fields.map((field) => [field, "done"]));
    expect((await browser.get("/")).json()).toEqual({ colour: "red", ...done });
  },
);

test("a value that a serializer of the user's makes, and nobody can copy, is a value", async () => {
  const serializer: Serializer = {
    name: "of-this-test",
    encode: (value) => JSON.stringify(value),
    decode: (bytes) => ({ text: Buffer.from(bytes).toString(), toString: () => "made" }),
  };
  const store = new CacheStore({ cache: openCache({ serializer }) });
  const ctx = {};
  await store.set("key", { colour: "red" }, 60_000, { ctx });
  expect(String((await store.get("key", 60_000, { ctx }))?.["colour"])).toBe("made");
});

test("with the merged layout the stored key tells no id, and what is stored does not move", async () => {
  const redis = await startedRedis();
  const store = new CacheStore({ cache: openCache({ location: redis.url() }) });
  const browser = (await browsersOf(koaSessionApp({ store })))();
  await browser.post("/set/colour/red");
  const key = await redis.cli("KEYS", "*");
  expect(key).toMatch(/sess:[0-9a-f]{64}$/);
  expect(key).not.toContain(keyOf(browser));
  const fields = (await redis.cli("HKEYS", key))
    .split("\n")
    .filter((name) => name.startsWith("data:"));
  expect(fields.toSorted()).toEqual(["data:_maxAge", "data:colour"]);
});

test("stores no field that would become a prototype", async () => {
  const redis = await startedRedis();
  const store = new CacheStore({ cache: openCache({ location: redis.url() }) });
  await store.set("key", JSON.parse('{ "__proto__": { "admin": true }, "colour": "red" }'));
  const fields = await redis.cli("HKEYS", await redis.cli("KEYS", "*"));
  expect(fields).toContain("data:colour");
  expect(fields).not.toContain("__proto__");
});

test("with connect-redis's layout it reads and writes what other stores do: JSON under prefix and key", async () => {
  const redis = await startedRedis();
  const cache = openCache({ location: redis.url() });
  const store = new CacheStore({ cache, layout: "connect-redis", prefix: "koa:sess:" });
  const app = koaSessionApp({ store, options: { maxAge: 60_000, signed: false } });
  const browser = (await browsersOf(app))();
  const stored = { colour: "red", _expire: Date.now() + 60_000, _maxAge: 60_000 };
  await redis.cli("SET", "koa:sess:living", JSON.stringify(stored), "PX", String(60_000 + padMs));
  const headers = { cookie: "koa.sess=living" };
  expect((await browser.get("/", { headers })).json()).toEqual({ colour: "red" });
  await browser.post("/set/size/large", { headers });
  const now: unknown = JSON.parse(await redis.cli("GET", "koa:sess:living"));
  expect(now).toEqual({ ...stored, size: "large", _expire: expect.any(Number) });
  expect(Number(await redis.cli("PTTL", "koa:sess:living"))).toBeGreaterThan(60_000);
});

test("with connect-redis's layout a foreign __proto__ gives a session nothing", async () => {
  const redis = await startedRedis();
  const cache = openCache({ location: redis.url() });
  const store = new CacheStore({ cache, layout: "connect-redis", prefix: "koa:" });
  let isAdmin: unknown = "never asked";
  const handler = (ctx: KoaSessionContext): void => void (isAdmin = ctx.session?.["admin"]);
  const app = koaSessionApp({ store, handler, options: { signed: false } });
  await redis.cli("SET", "koa:key", '{ "colour": "red", "__proto__": { "admin": true } }');
  await (await browsersOf(app))().get("/", { headers: { cookie: "koa.sess=key" } });
  expect(isAdmin).toBeUndefined();
});
