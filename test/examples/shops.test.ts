import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { Browser } from "../doors/support/browser.ts";
import { freshDatabase, sharedUrl } from "../support/fresh.ts";
import { projectRoot } from "../support/program.ts";
import { startedRedis } from "../support/servers.ts";
import { until } from "../support/until.ts";

/** A shop, as a process of its own. */
interface Shop {
  readonly url: string;
  readonly process: ChildProcess;
  /** All that it has printed, errors too. */
  printed(): string;
}

const run = promisify(execFile);
const frameworks = ["express", "fastify", "hono", "koa"] as const;
type Framework = (typeof frameworks)[number];

/** A build of its own: the examples' usual one may be in the making just now. */
const buildFolder = "build/shops";

const ada = { name: "ada", password: "cachewell" };
const stranger = { visitor: null, cart: [], devices: 0 };

async function startShop(framework: Framework, redisUrl: string, port = "0"): Promise<Shop> {
  const child = spawn(process.execPath, [`${buildFolder}/${framework}-shop/main.js`], {
    cwd: projectRoot,
    env: { PATH: process.env["PATH"], PORT: port, REDIS_URL: redisUrl },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (printed += text));
  }
  const hasEnded = (): boolean => child.exitCode !== null;
  await until("the shop is open", () => printed.includes("\n") || hasEnded(), 15_000);
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0];
  if (url === undefined) throw new Error(`The ${framework} shop did not open: ${printed}`);
  return { url, process: child, printed: () => printed };
}

/** Starts a shop that is closed when the test is over. */
async function openShop(...args: Parameters<typeof startShop>): Promise<Shop> {
  const shop = await startShop(...args);
  onTestFinished(() => void shop.process.kill("SIGKILL"));
  return shop;
}

/** Returns the code that a shop ends with after a signal, and how long that took. */
async function endingOf(shop: Shop, signal: NodeJS.Signals) {
  const startedMs = performance.now();
  const ended = once(shop.process, "exit");
  shop.process.kill(signal);
  const [exitCode] = await ended;
  return { exitCode, tookMs: performance.now() - startedMs };
}

async function send(shop: Shop, path: string, body: string, type = "application/json") {
  const response = await fetch(shop.url + path, {
    method: "POST",
    headers: { "content-type": type },
    body,
  });
  await response.text();
  return response;
}

beforeAll(async () => {
  const tsc = ["node_modules/typescript/bin/tsc", "-p", "examples", "--outDir", buildFolder];
  await run(process.execPath, tsc, { cwd: projectRoot });
});

const shops = frameworks.flatMap((framework) =>
  (["memory", "Redis"] as const).map((place) => ({ framework, place })),
);

describe.each(shops)("the $framework shop on $place", ({ framework, place }) => {
  let shop: Shop;

  beforeAll(async () => {
    const redisUrl = place === "memory" ? "memory:" : sharedUrl(await freshDatabase());
    shop = await startShop(framework, redisUrl);
  });

  afterAll(() => {
    shop.process.kill("SIGKILL");
  });

  const visit = (): Browser => new Browser(shop.url);
  const sees = async (browser: Browser): Promise<unknown> => (await browser.get("/")).json();

  /** Returns a browser of ada's, who is logged in nowhere else. */
  async function visitAsAda(): Promise<Browser> {
    const elsewhere = visit();
    await elsewhere.post("/login", { body: ada });
    await elsewhere.post("/logout-everywhere");
    const browser = visit();
    expect((await browser.post("/login", { body: ada })).status).toBe(200);
    return browser;
  }

  test("says in one line where it is open", () => {
    expect(shop.printed()).toBe(`${framework}-shop: ${shop.url}\n`);
  });

  test("shows a stranger an empty cart, and gives no cookie", async () => {
    const answer = await visit().get("/");
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual(stranger);
    expect(answer.setCookies).toEqual([]);
  });

  test("keeps the cart of a stranger", async () => {
    const browser = visit();
    for (const item of ["tea", "cake", "tea"]) {
      expect((await browser.post("/cart", { body: { item } })).status).toBeLessThan(300);
    }
    const cart = [
      { item: "tea", count: 2 },
      { item: "cake", count: 1 },
    ];
    expect(await sees(browser)).toEqual({ ...stranger, cart });
    expect(await sees(visit())).toEqual(stranger);
    expect((await browser.send("DELETE", "/cart")).status).toBeLessThan(300);
    expect(await sees(browser)).toEqual(stranger);
  });

  test("keeps the cart through the login, under a new id", async () => {
    await (await visitAsAda()).post("/logout-everywhere");
    const browser = visit();
    await browser.post("/cart", { body: { item: "tea" } });
    const before = browser.jar.headerFor("/");
    const answer = await browser.post("/login", { body: ada });
    const expected = { visitor: "ada", cart: [{ item: "tea", count: 1 }], devices: 1 };
    expect(answer.json()).toEqual(expected);
    expect(await sees(browser)).toEqual(expected);
    expect(browser.jar.headerFor("/")).not.toBe(before);
    const replayed = await visit().get("/", { headers: { cookie: before ?? "" } });
    expect(replayed.json()).toEqual(stranger);
  });

  test("counts the browsers of a visitor, each with a cart of its own", async () => {
    const here = await visitAsAda();
    await here.post("/cart", { body: { item: "tea" } });
    const there = visit();
    const answer = await there.post("/login", { body: ada });
    expect(answer.json()).toEqual({ visitor: "ada", cart: [], devices: 2 });
    expect(await sees(here)).toMatchObject({ devices: 2, cart: [{ item: "tea", count: 1 }] });
  });

  test("logs a visitor out everywhere", async () => {
    const here = await visitAsAda();
    const there = visit();
    await there.post("/login", { body: ada });
    expect((await here.post("/logout-everywhere")).json()).toEqual({ destroyed: 2 });
    expect(await sees(here)).toEqual(stranger);
    expect(await sees(there)).toEqual(stranger);
  });

  test("logs a visitor out here alone", async () => {
    const here = await visitAsAda();
    const there = visit();
    await there.post("/login", { body: ada });
    const answer = await here.post("/logout");
    expect(answer.status).toBe(204);
    expect(here.jar.headerFor("/")).toBeUndefined();
    expect(await sees(here)).toEqual(stranger);
    expect(await sees(there)).toMatchObject({ visitor: "ada", devices: 1 });
  });

  test("logs nobody out everywhere who is not logged in", async () => {
    const answer = await visit().post("/logout-everywhere");
    expect(answer.status).toBe(401);
    expect(answer.json()).toEqual({ error: expect.any(String) });
  });

  test("refuses a wrong password, and gives no cookie", async () => {
    const browser = visit();
    const answer = await browser.post("/login", { body: { ...ada, password: "guessed" } });
    expect(answer.status).toBe(401);
    expect(answer.json()).toEqual({ error: expect.any(String) });
    expect(answer.setCookies).toEqual([]);
    expect(await sees(browser)).toEqual(stranger);
  });

  test.each([
    "",
    "{",
    "null",
    "7",
    "[]",
    "{}",
    '{"name":"ada"}',
    '{"password":"cachewell"}',
    '{"name":7,"password":"cachewell"}',
    '{"name":"","password":"cachewell"}',
    '{"name":["ada"],"password":"cachewell"}',
    '{"name":"ada","password":["cachewell"]}',
  ])("refuses the login %j", async (body) => {
    const response = await send(shop, "/login", body);
    expect(response.status).toBe(400);
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  test.each(["", "{", "null", "[]", "{}", '{"item":""}', '{"item":7}', '{"item":["tea"]}'])(
    "refuses the item %j",
    async (body) => {
      const response = await send(shop, "/cart", body);
      expect(response.status).toBe(400);
      expect(response.headers.getSetCookie()).toEqual([]);
    },
  );

  test("is still as it was after all that", async () => {
    expect(await sees(visit())).toEqual(stranger);
    expect(shop.process.exitCode).toBeNull();
  });

  test("has sessions that no script reads and no shared cache keeps", async () => {
    const answer = await (await visitAsAda()).get("/");
    expect(answer.headers.vary).toMatch(/\bcookie\b/i);
    expect(answer.headers["cache-control"]).toContain("private");
    const { setCookies } = await visit().post("/cart", { body: { item: "tea" } });
    expect(setCookies[0]).toContain("; HttpOnly");
  });
});

describe.each(frameworks)("the %s shop", (framework) => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "ends with code 0 soon after %s, a visitor's connection being open",
    async (signal) => {
      const shop = await openShop(framework, "memory:");
      await new Browser(shop.url).get("/");
      const { exitCode, tookMs } = await endingOf(shop, signal);
      expect(exitCode).toBe(0);
      expect(tookMs).toBeLessThan(4_000);
      expect(shop.printed()).toBe(`${framework}-shop: ${shop.url}\n`);
    },
  );

  test("knows its visitors after a restart, by Redis", async () => {
    const redis = await startedRedis();
    const first = await openShop(framework, redis.url());
    const { jar } = new Browser(first.url);
    await new Browser(first.url, { jar }).post("/login", { body: ada });
    expect((await endingOf(first, "SIGTERM")).exitCode).toBe(0);
    const second = await openShop(framework, redis.url());
    const answer = await new Browser(second.url, { jar }).get("/");
    expect(answer.json()).toEqual({ visitor: "ada", cart: [], devices: 1 });
  });

  test("answers 503 to visitors with a session while its Redis is frozen, and still ends", async () => {
    const redis = await startedRedis();
    const shop = await openShop(framework, redis.url());
    const browser = new Browser(shop.url);
    await browser.post("/login", { body: ada });
    redis.freeze();
    expect((await browser.get("/")).status).toBe(503);
    expect((await new Browser(shop.url).get("/")).json()).toEqual(stranger);
    const { exitCode, tookMs } = await endingOf(shop, "SIGTERM");
    expect(exitCode).toBe(0);
    expect(tookMs).toBeLessThan(6_000);
  });
});
