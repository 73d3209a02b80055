import { beforeEach, describe, expect, test, vi } from "vitest";
import {
  ConfigurationError,
  SessionInterruptedError,
  ValueTooLargeError,
} from "../../contracts/errors.ts";
import { createCache } from "../../create-cache.ts";
import { sessionBackendOf } from "../../sessions/session-backend.ts";
import { ObjectSessions } from "./object-sessions.ts";
import type { CacheStoreOptions } from "./store-rules.ts";

const startMs = Date.parse("2026-03-01T12:00:00.000Z");
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** The store's clock, which goes with the cookies'. */
const clock = { now: () => Date.now() };
const layouts = ["merged", "connect-redis"] as const;

function setUp(options: Partial<CacheStoreOptions> = {}) {
  const cache = createCache({ location: "memory:", clock });
  return { access: sessionBackendOf(cache), sessions: new ObjectSessions({ cache, ...options }) };
}

/** Returns a cookie as session packages keep it in their sessions. */
function cookieUntil(endsAtMs: number) {
  const expires = new Date(endsAtMs);
  return { originalMaxAge: minuteMs, expires, httpOnly: true, path: "/" };
}

function pass(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
}

beforeEach(() => {
  vi.useFakeTimers({ now: startMs, toFake: ["Date"] });
  return () => vi.useRealTimers();
});

describe.each(layouts)("session objects, %s", (layout) => {
  const open = (options: Partial<CacheStoreOptions> = {}) => setUp({ layout, ...options });

  test("nobody has stored are not there", async () => {
    const { sessions } = open();
    expect(await sessions.get("nobody")).toBeUndefined();
  });

  test("come back field by field", async () => {
    const { sessions } = open();
    const session = { user: { id: 7 }, cart: ["tea"], empty: null, flag: false };
    await sessions.set("id", session, undefined);
    expect((await sessions.get("id"))?.data).toEqual(session);
  });

  test("come back as objects of their own", async () => {
    const { sessions } = open();
    const { data } = await stored(sessions, { cart: ["tea"] });
    (data["cart"] as string[]).push("cake");
    expect((await sessions.get("id"))?.data).toEqual({ cart: ["tea"] });
  });

  test("leave out functions, and what is undefined", async () => {
    const { sessions } = open();
    await sessions.set("id", { name: "Ann", save: () => undefined, gone: undefined }, undefined);
    expect((await sessions.get("id"))?.data).toEqual({ name: "Ann" });
  });

  test("leave out what is inherited, or hidden", async () => {
    const { sessions } = open();
    const session = Object.create({ inherited: 1 }) as Record<string, unknown>;
    Object.defineProperty(session, "hidden", { value: 1, enumerable: false });
    session["name"] = "Ann";
    await sessions.set("id", session, undefined);
    expect((await sessions.get("id"))?.data).toEqual({ name: "Ann" });
  });

  test("have no field that would become a prototype", async () => {
    const { sessions } = open();
    await sessions.set("id", JSON.parse('{"__proto__":{"admin":true},"name":"Ann"}'), undefined);
    const found = await sessions.get("id");
    expect(Object.keys(found?.data ?? {})).toEqual(["name"]);
    expect(Object.assign({}, found?.data)).not.toHaveProperty("admin");
  });

  test("have a cookie that ends when they do", async () => {
    const { sessions } = open();
    const cookie = cookieUntil(startMs + minuteMs);
    await sessions.set("id", { cookie, name: "Ann" }, undefined);
    pass(20_000);
    expect((await sessions.get("id"))?.data).toEqual({
      cookie: { ...cookie, expires: new Date(startMs + minuteMs) },
      name: "Ann",
    });
    pass(minuteMs);
    expect(await sessions.get("id")).toBeUndefined();
  });

  test("have a cookie that ends when they were extended to", async () => {
    const { sessions } = open();
    await sessions.set("id", { cookie: cookieUntil(startMs + minuteMs) }, undefined);
    pass(30_000);
    const found = await sessions.get("id");
    const extended = { cookie: cookieUntil(Date.now() + minuteMs) };
    await sessions.touch("id", extended, found?.base);
    pass(40_000);
    expect((await sessions.get("id"))?.data["cookie"]).toMatchObject({
      expires: new Date(startMs + 30_000 + minuteMs),
    });
  });

  test("keep the cookie's other times: originalExpires ends as expires does", async () => {
    const { sessions } = open();
    const ends = new Date(startMs + minuteMs);
    const cookie = { ...cookieUntil(ends.getTime()), originalExpires: ends };
    await sessions.set("id", { cookie }, undefined);
    expect((await sessions.get("id"))?.data["cookie"]).toEqual({
      ...cookie,
      expires: ends,
      originalExpires: ends,
    });
  });

  test.each([null, false])("keep a cookie without an end as it was: %j", async (expires) => {
    const { sessions } = open();
    const cookie = { originalMaxAge: null, expires, path: "/" };
    await sessions.set("id", { cookie }, undefined);
    expect((await sessions.get("id"))?.data).toEqual({ cookie });
  });

  test("take a cookie as its toJSON has it", async () => {
    const { sessions } = open();
    const expires = new Date(startMs + minuteMs);
    const cookie = { _expires: expires, secret: () => 1, toJSON: () => ({ expires, path: "/" }) };
    await sessions.set("id", { cookie }, undefined);
    expect((await sessions.get("id"))?.data).toEqual({
      cookie: { expires, path: "/" },
    });
  });

  test("take the cookie's end as a text too", async () => {
    const { sessions } = open();
    const expires = new Date(startMs + minuteMs).toISOString();
    await sessions.set("id", { cookie: { expires } }, undefined);
    pass(minuteMs - 1);
    expect(await sessions.get("id")).toBeDefined();
    pass(1);
    expect(await sessions.get("id")).toBeUndefined();
  });

  test("are not changed by being stored", async () => {
    const { sessions } = open();
    const session = { cookie: cookieUntil(startMs + minuteMs), cart: ["tea"] };
    const before = structuredClone(session);
    await sessions.set("id", session, undefined);
    expect(session).toEqual(before);
  });

  test("whose cookie has ended are destroyed by being stored", async () => {
    const { sessions } = open();
    const { base } = await stored(sessions, { name: "Ann" });
    await sessions.set("id", { name: "Ann", cookie: cookieUntil(startMs - 1) }, base);
    expect(await sessions.get("id")).toBeUndefined();
  });

  test.each<[string, CacheStoreOptions["ttl"], number]>([
    ["a day", undefined, dayMs],
    ["seconds", 30, 30_000],
    ["a text", "2h", 7_200_000],
    ["what a function says", () => "90s", 90_000],
  ])("without an end of their own live for ttl: %s", async (_what, ttl, lifetimeMs) => {
    const { sessions } = open({ ttl });
    await sessions.set("id", { name: "Ann" }, undefined);
    pass(lifetimeMs - 1);
    expect(await sessions.get("id")).toBeDefined();
    pass(1);
    expect(await sessions.get("id")).toBeUndefined();
  });

  test("tell a ttl function what is in them", async () => {
    const ttl = vi.fn<(session: Readonly<Record<string, unknown>>) => number>(() => 60);
    const { sessions } = open({ ttl });
    await sessions.set("id", { name: "Ann", save: () => undefined }, undefined);
    expect(ttl).toHaveBeenCalledExactlyOnceWith({ name: "Ann" });
  });

  test("with an end of their own do not ask for a ttl", async () => {
    const ttl = vi.fn<() => number>(() => 60);
    const { sessions } = open({ ttl });
    await sessions.set("id", { cookie: cookieUntil(startMs + minuteMs) }, undefined);
    expect(ttl).not.toHaveBeenCalled();
  });

  test.each([null, "soon", -1, Number.NaN, undefined])(
    "are not stored where the ttl function answers %j",
    async (ttl) => {
      const { sessions } = open({ ttl: () => ttl as number });
      await expect(sessions.set("id", { name: "Ann" }, undefined)).rejects.toThrow(TypeError);
      expect(await sessions.get("id")).toBeUndefined();
    },
  );

  test("live longer by a touch", async () => {
    const { sessions } = open({ ttl: 60 });
    const { data: session, base } = await stored(sessions, { name: "Ann" });
    pass(30_000);
    await sessions.touch("id", session, base);
    pass(59_999);
    expect(await sessions.get("id")).toBeDefined();
  });

  test("do not live longer by a touch with disableTouch", async () => {
    const { sessions } = open({ ttl: 60, disableTouch: true });
    const { data: session, base } = await stored(sessions, { name: "Ann" });
    pass(30_000);
    await sessions.touch("id", session, base);
    pass(30_000);
    expect(await sessions.get("id")).toBeUndefined();
  });

  test("that did not change do not live longer by being stored with disableTouch", async () => {
    const { sessions } = open({ ttl: 60, disableTouch: true });
    const { data: session, base } = await stored(sessions, { name: "Ann" });
    pass(30_000);
    await sessions.set("id", session, base);
    pass(30_000);
    expect(await sessions.get("id")).toBeUndefined();
  });

  test("that changed live longer by being stored, with disableTouch too", async () => {
    const { sessions } = open({ ttl: 60, disableTouch: true });
    const { base } = await stored(sessions, { name: "Ann" });
    pass(30_000);
    await sessions.set("id", { name: "Bob" }, base);
    pass(59_999);
    expect((await sessions.get("id"))?.data).toEqual({ name: "Bob" });
  });

  test("are not brought to life by a touch", async () => {
    const { sessions } = open();
    const { data: session, base } = await stored(sessions, { name: "Ann" });
    await sessions.destroy("id");
    pass(minuteMs);
    await sessions.touch("id", session, base);
    await sessions.touch("id", session, undefined);
    expect(await sessions.get("id")).toBeUndefined();
  });

  test("that were destroyed stay so", async () => {
    const { sessions } = open();
    const { base } = await stored(sessions, { name: "Ann" });
    await sessions.destroy("id");
    await expect(sessions.set("id", { name: "Bob" }, base)).rejects.toThrow(
      SessionInterruptedError,
    );
    expect(await sessions.get("id")).toBeUndefined();
  });

  test("without what they were are stored over what there is", async () => {
    const { sessions } = open();
    await stored(sessions, { name: "Ann", cart: ["tea"] });
    await sessions.set("id", { name: "Bob" }, undefined);
    expect((await sessions.get("id"))?.data).toEqual({ name: "Bob" });
  });

  test("are told one by one, counted, and cleared", async () => {
    const { sessions } = open();
    const cookie = { ...cookieUntil(startMs + minuteMs) };
    await sessions.set("one", { name: "Ann", cookie }, undefined);
    await sessions.set("two", { name: "Bob" }, undefined);
    expect(await sessions.count()).toBe(2);
    const all = await sessions.all();
    expect(
      all.toSorted((one, other) => (String(one["name"]) < String(other["name"]) ? -1 : 1)),
    ).toEqual([{ name: "Ann", cookie }, { name: "Bob" }]);
    await sessions.clear();
    expect(await sessions.count()).toBe(0);
    expect(await sessions.all()).toEqual([]);
  });

  test("of other prefixes are others", async () => {
    const cache = createCache({ location: "memory:", clock });
    const one = new ObjectSessions({ cache, layout, prefix: "one:" });
    const other = new ObjectSessions({ cache, layout, prefix: "other:" });
    await one.set("id", { name: "Ann" }, undefined);
    expect(await other.get("id")).toBeUndefined();
    await other.clear();
    expect(await one.count()).toBe(1);
  });

  test("larger than maxBytes are not stored", async () => {
    const { sessions } = open({ maxBytes: 50 });
    const large = { note: "x".repeat(60) };
    await expect(sessions.set("id", large, undefined)).rejects.toThrow(ValueTooLargeError);
    expect(await sessions.get("id")).toBeUndefined();
  });
});

describe("session objects, merged", () => {
  test("keep what requests side by side wrote to different fields", async () => {
    const { sessions } = setUp();
    await sessions.set("id", { name: "Ann", old: 1 }, undefined);
    const [one, other] = await Promise.all([sessions.get("id"), sessions.get("id")]);
    await sessions.set("id", { ...one?.data, first: 1 }, one?.base);
    await sessions.set("id", { name: "Ann", second: 2 }, other?.base);
    expect((await sessions.get("id"))?.data).toEqual({ name: "Ann", first: 1, second: 2 });
  });

  test("are not written where only the cookie's end moved", async () => {
    const { sessions, access } = setUp();
    const session = { name: "Ann", cookie: cookieUntil(startMs + minuteMs) };
    const { base } = await stored(sessions, session);
    const update = vi.spyOn(access.records, "update");
    const touch = vi.spyOn(access.records, "touch");
    await sessions.set("id", { name: "Ann", cookie: cookieUntil(startMs + minuteMs + 50) }, base);
    expect(touch).not.toHaveBeenCalled();
    pass(30_000);
    await sessions.set("id", { name: "Ann", cookie: cookieUntil(startMs + 2 * minuteMs) }, base);
    expect(touch).toHaveBeenCalledOnce();
    expect(update).not.toHaveBeenCalled();
  });

  test("are stored without a field that would become a prototype", async () => {
    const { sessions, access } = setUp();
    const put = vi.spyOn(access.records, "put");
    await sessions.set("id", JSON.parse('{"__proto__":{"admin":true},"name":"Ann"}'), undefined);
    expect([...(put.mock.lastCall?.[1].keys() ?? [])]).toEqual(["data:name"]);
  });

  test("lie under a hash of their id", async () => {
    const { sessions, access } = setUp();
    await sessions.set("the-id", { name: "Ann" }, undefined);
    const keys: string[] = [];
    for await (const batch of access.records.keys(access.key("sess:"), { count: 10 })) {
      keys.push(...batch);
    }
    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatch(/sess:[0-9a-f]{64}$/);
  });
});

describe("session objects, as connect-redis has them", () => {
  test("are the JSON of the session under prefix and id, the cookie's end in it", async () => {
    const { sessions, access } = setUp({ layout: "connect-redis" });
    const session = { cookie: cookieUntil(startMs + minuteMs), name: "Ann" };
    await sessions.set("the-id", session, undefined);
    const bytes = await access.store.get("sess:the-id");
    expect(JSON.parse(String(bytes && Buffer.from(bytes as Uint8Array)))).toEqual(
      JSON.parse(JSON.stringify(session)),
    );
  });

  test("read what connect-redis wrote", async () => {
    const { sessions, access } = setUp({ layout: "connect-redis", prefix: "old:" });
    const cookie = cookieUntil(startMs + minuteMs);
    const lifetime = { ttlMs: minuteMs };
    await access.store.set("old:id", JSON.stringify({ cookie, name: "Ann" }), { lifetime });
    expect((await sessions.get("id"))?.data).toEqual({ cookie, name: "Ann" });
  });

  test("of requests side by side the last wins", async () => {
    const { sessions } = setUp({ layout: "connect-redis" });
    await sessions.set("id", { name: "Ann" }, undefined);
    const [one, other] = await Promise.all([sessions.get("id"), sessions.get("id")]);
    await sessions.set("id", { ...one?.data, first: 1 }, one?.base);
    await sessions.set("id", { ...other?.data, second: 2 }, other?.base);
    expect((await sessions.get("id"))?.data).toEqual({ name: "Ann", second: 2 });
  });
});

describe("the options of a CacheStore", () => {
  test("that nobody knows are refused", () => {
    expect(() => setUp({ client: {} } as Partial<CacheStoreOptions>)).toThrow(ConfigurationError);
  });

  test.each<Record<string, unknown>>([
    { cache: {} },
    { prefix: "" },
    { prefix: 7 },
    { ttl: null },
    { ttl: 0 },
    { ttl: -1 },
    { ttl: "soon" },
    { disableTouch: "yes" },
    { layout: "other" },
    { maxBytes: 0 },
  ])("are checked: %j", (options) => {
    expect(() => setUp(options)).toThrow(TypeError);
  });
});

async function stored(sessions: ObjectSessions, session: Record<string, unknown>) {
  await sessions.set("id", session, undefined);
  const found = await sessions.get("id");
  if (!found) throw new Error("What was stored is not there.");
  return found;
}
