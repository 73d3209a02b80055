import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { type FastifyInstance } from "fastify";
import { describe, expect, test } from "vitest";
import { CacheStore, type CacheStoreOptions } from "../../src/adapters/fastify/index.ts";
import { freshPrefix, sharedUrl } from "../support/fresh.ts";
import { openCache } from "../support/open-cache.ts";
import { until } from "../support/until.ts";
import { type Answer } from "./support/browser.ts";
import {
  fieldsOf,
  idIn,
  idOf,
  openStage,
  type Place,
  read,
  write,
} from "./support/fastify-session-stage.ts";

const places: readonly Place[] = [
  { where: "memory", layout: "merged" },
  { where: "memory", layout: "connect-redis" },
  { where: "Redis", layout: "merged" },
  { where: "Redis", layout: "connect-redis" },
];

/** Returns what sends back the cookie of an answer, which a browser drops up to a second too early. */
function cookieOf({ setCookies }: Answer): { readonly cookie: string } {
  const [cookie = ""] = setCookies.map((header) => header.split(";", 1)[0]);
  return { cookie };
}

describe.each(places)("@fastify/session over a CacheStore in $where, $layout", (place) => {
  test("a login is there at the next request, under a new id", async () => {
    const browser = (await openStage(place)).open();
    await browser.post("/push/tea");
    const before = idOf(browser);
    await browser.post("/login/ann");
    expect(idOf(browser)).not.toBe(before);
    expect((await browser.get("/me")).json()).toEqual({ user: "ann" });
  });

  test("regenerate() keeps the fields that it names, and the old id is dead", async () => {
    const { store, open } = await openStage(place);
    const browser = open();
    await browser.post("/push/tea");
    await browser.post("/set/colour/red");
    const before = idOf(browser);
    await browser.post("/login/ann");
    expect((await browser.get("/fields")).json()).toEqual({ cart: ["tea"], user: "ann" });
    expect(await read(store, before)).toBeUndefined();
  });

  test("a logout ends the session: its cookie gives a new one", async () => {
    const browser = (await openStage(place)).open();
    await browser.post("/login/ann");
    const before = idOf(browser);
    expect((await browser.post("/logout")).status).toBe(204);
    expect((await browser.get("/me")).json()).toEqual({ user: null });
    expect(idOf(browser)).not.toBe(before);
  });

  test("a request under way at the logout answers 400 and brings nothing back", async () => {
    let isUnderWay = false;
    const routes = (app: FastifyInstance) =>
      app.addHook("preHandler", async ({ url }) => void (isUnderWay ||= url.includes("ms=")));
    const { open, store } = await openStage(place, { routes });
    const browser = open();
    await browser.post("/login/ann");
    const id = idOf(browser);
    const slow = browser.post("/set/colour/red?ms=1200");
    await until("the slow request has read the session", () => isUnderWay);
    await browser.post("/logout");
    const answer = await slow;
    expect(answer.status).toBe(400);
    expect(answer.setCookies).toEqual([]);
    expect(answer.json()).toMatchObject({ code: "SESSION_INTERRUPTED", statusCode: 400 });
    expect(await read(store, id)).toBeUndefined();
  });

  test("nested changes and removed fields are stored", async () => {
    const browser = (await openStage(place)).open();
    await browser.post("/push/tea");
    await browser.post("/push/milk");
    await browser.post("/set/colour/red");
    await browser.post("/delete/colour");
    expect((await browser.get("/fields")).json()).toEqual({ cart: ["tea", "milk"] });
  });

  test("reload() brings what is stored, and drops what is not", async () => {
    const routes = (app: FastifyInstance) =>
      app.post("/reload", async (request) => {
        const { cookie = "" } = request.headers;
        await open().post("/set/colour/red", { headers: { cookie } });
        request.session["size"] = "large";
        await request.session.reload();
        return fieldsOf(request.session);
      });
    const { open } = await openStage(place, { routes });
    const browser = open();
    await browser.post("/login/ann");
    expect((await browser.post("/reload")).json()).toEqual({ user: "ann", colour: "red" });
    expect((await browser.get("/fields")).json()).toEqual({ user: "ann", colour: "red" });
  });

  test("ends with its cookie, also within a second", async () => {
    const session = { cookie: { maxAge: 400 } };
    const { store, open } = await openStage(place, { session });
    const headers = cookieOf(await open().post("/login/ann"));
    const { cookie } = headers;
    await until("it has ended", async () => (await read(store, idIn(cookie))) === undefined);
    const answer = await open().get("/me", { headers });
    expect(answer.json()).toEqual({ user: null });
    expect(cookieOf(answer)).not.toEqual(headers);
  });

  test.each(["expires", "originalExpires"])(
    "is read with the moment at which it ends, as %s",
    async (name) => {
      const maxAge = 60_000;
      const { store, open } = await openStage(place, { session: { cookie: { maxAge } } });
      const browser = open();
      await browser.post("/login/ann");
      const cookie = (await read(store, idOf(browser)))?.["cookie"] as Record<string, Date>;
      expect(cookie["originalMaxAge"]).toBe(maxAge);
      const leftMs = Number(cookie[name]) - Date.now();
      expect(leftMs).toBeGreaterThan(maxAge - 10_000);
      expect(leftMs).toBeLessThanOrEqual(maxAge);
    },
  );

  test("lives on from each request where it is rolling", async () => {
    const session = { cookie: { maxAge: 2_500 } };
    const { store, open } = await openStage(place, { session });
    const headers = cookieOf(await open().post("/login/ann"));
    for (let request = 1; request <= 3; request++) {
      await wait(1_000);
      const answer = await open().get("/me", { headers });
      expect(answer.json()).toEqual({ user: "ann" });
      expect(cookieOf(answer)).toEqual(headers);
    }
    const found = await read(store, idIn(headers.cookie));
    expect(found).toMatchObject({ cookie: { originalMaxAge: 2_500 } });
  });

  test("ends although it is read where it is not rolling", async () => {
    const session = { rolling: false, cookie: { maxAge: 1_500 } };
    const { open } = await openStage(place, { session });
    const headers = cookieOf(await open().post("/login/ann"));
    const whose = async () => (await open().get("/me", { headers })).json();
    expect(await whose()).toEqual({ user: "ann" });
    await until("it has ended", async () => !JSON.stringify(await whose()).includes("ann"));
  });

  test("a session without an end of its own is given the store's", async () => {
    const location = place.where === "memory" ? "memory:" : sharedUrl();
    const cache = openCache({ location, keyPrefix: freshPrefix() });
    const ttl = (session: Readonly<Record<string, unknown>>) => (session["user"] ? "300ms" : "1h");
    const options: CacheStoreOptions = { cache, ttl, layout: place.layout, prefix: freshPrefix() };
    const store = new CacheStore(options);
    const session = { cookie: { expires: null, originalMaxAge: null } };
    await write(store, "short", { ...session, user: "ann" });
    await write(store, "long", session);
    await until("it has ended", async () => (await read(store, "short")) === undefined);
    expect(await read(store, "long")).toMatchObject(session);
  });

  test.each([true, false])("with saveUninitialized %j strangers are stored", async (isSaved) => {
    const session = { saveUninitialized: isSaved };
    const { open } = await openStage(place, { session });
    const answer = await open().get("/me");
    expect(answer.setCookies).toHaveLength(isSaved ? 1 : 0);
  });

  test("the field that links a session to the store is in no JSON, and in nothing stored", async () => {
    const { store, open } = await openStage(place);
    const browser = open();
    await browser.post("/login/ann");
    const answer = await browser.get("/session");
    expect(answer.json()).toMatchObject({ user: "ann" });
    expect(answer.body).not.toContain("cachewell");
    await browser.post("/set/colour/red");
    const stored = await read(store, idOf(browser));
    const { ["#cachewell"]: link, ...session } = stored ?? {};
    expect(typeof link).toBe("function");
    expect(JSON.stringify(stored)).toBe(JSON.stringify(session));
  });

  test("a session can be stored again and again under one id", async () => {
    const { store } = await openStage(place);
    const session: Record<string, unknown> = { cookie: { expires: null }, user: "ann" };
    expect(await write(store, "id", session)).toBeNull();
    session["colour"] = "red";
    expect(await write(store, "id", session)).toBeNull();
    expect(fieldsOf((await read(store, "id")) ?? {})).toEqual({ user: "ann", colour: "red" });
  });

  test("a session that was stored and then destroyed is not stored again", async () => {
    const { store } = await openStage(place);
    const session: Record<string, unknown> = { cookie: { expires: null }, user: "ann" };
    await write(store, "id", session);
    await promisify(store.destroy.bind(store))("id");
    session["colour"] = "red";
    expect(await write(store, "id", session)).toMatchObject({ code: "SESSION_INTERRUPTED" });
    expect(await read(store, "id")).toBeUndefined();
  });

  test("a session that comes from elsewhere is stored over whatever there is", async () => {
    const { store } = await openStage(place);
    await write(store, "id", { cookie: { expires: null }, user: "ann", colour: "red" });
    await write(store, "id", { cookie: { expires: null }, user: "bob" });
    expect(fieldsOf((await read(store, "id")) ?? {})).toEqual({ user: "bob" });
  });
});

describe("requests of one visitor side by side", () => {
  test.each(places.filter(({ layout }) => layout === "merged"))(
    "50 that write different fields keep all of them, in $where",
    async (place) => {
      const browser = (await openStage(place)).open();
      await browser.post("/login/ann");
      const fields = Array.from({ length: 50 }, (_, number) => `field${number}`);
      await Promise.all(fields.map((field) => browser.post(`/set/${field}/written`)));
      const expected = Object.fromEntries(fields.map((field) => [field, "written"]));
      expect((await browser.get("/fields")).json()).toEqual({ user: "ann", ...expected });
    },
  );
});
