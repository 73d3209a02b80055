import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { Cache } from "../../src/contracts/cache.ts";
import { ServerRefusedError } from "../../src/contracts/errors.ts";
import type { CacheOptions } from "../../src/contracts/options.ts";
import { type RedisServer, startRedisServer } from "../../src/testing/redis-server.ts";
import { failureOf } from "../support/failure.ts";
import { openCache } from "../support/open-cache.ts";
import { callsOf, connectionsOf, startedRedis } from "../support/servers.ts";
import { until } from "../support/until.ts";

const encoded = encodeURIComponent;
const hostileUser = "us:er@host/?#[]%2F+&=é😀";
const hostilePassword = "p:a@s/s?w#o[r]d%20 +&=\"'\\ü😀";

interface Client {
  sendCommand(command: readonly string[]): Promise<unknown>;
}

async function ask(cache: Cache, ...command: readonly string[]): Promise<unknown> {
  const client = await cache.rawClient<Client>();
  return client.sendCommand(command);
}

describe("signing in", () => {
  let server: RedisServer;
  let host = "";

  beforeAll(async () => {
    server = await startRedisServer();
    host = `127.0.0.1:${server.port}`;
    const users = [
      [hostileUser, hostilePassword],
      ["ann", "ann's"],
      ["bob", "bob's"],
    ] as const;
    for (const [user, password] of users) {
      await server.cli("ACL", "SETUSER", user, "on", `>${password}`, "~*", "+@all");
    }
    await server.cli("ACL", "SETUSER", "reader", "on", ">pw", "~*", "-@all", "+get", "+ping");
  });

  beforeEach(async () => {
    await server.cli("CONFIG", "RESETSTAT");
  });

  afterAll(async () => {
    await server.stop();
  });

  const credentials: readonly (readonly [string, (host: string) => CacheOptions, string])[] = [
    [
      "user and password percent-encoded in the URL",
      (at) => ({ location: `redis://${encoded(hostileUser)}:${encoded(hostilePassword)}@${at}/0` }),
      hostileUser,
    ],
    [
      "hostile user and password as options",
      (at) => ({ location: `redis://${at}`, username: hostileUser, password: hostilePassword }),
      hostileUser,
    ],
    [
      "user in the URL, password as option",
      (at) => ({ location: `redis://ann@${at}`, password: "ann's" }),
      "ann",
    ],
    [
      "password in the URL, user as option",
      (at) => ({ location: `redis://:ann's@${at}`, username: "ann" }),
      "ann",
    ],
    [
      "the URL wins over the options",
      (at) => ({ location: `redis://ann:ann's@${at}`, username: "bob", password: "bob's" }),
      "ann",
    ],
    [
      "the URL's password wins over the option",
      (at) => ({ location: `redis://ann:ann's@${at}`, password: "wrong" }),
      "ann",
    ],
    ["nobody is the default user", (at) => ({ location: `redis://${at}` }), "default"],
  ];

  test.each(credentials)("%s", async (_rule, optionsFor, user) => {
    const cache = openCache(optionsFor(host));
    expect(await ask(cache, "ACL", "WHOAMI")).toBe(user);
  });

  test("user and password in a unix location", async () => {
    const userinfo = `${encoded(hostileUser)}:${encoded(hostilePassword)}`;
    const cache = openCache({ location: `unix://${userinfo}@${server.socketPath}?db=0` });
    expect(await ask(cache, "ACL", "WHOAMI")).toBe(hostileUser);
  });

  test("a password alone signs in the default user", async () => {
    const guarded = await startedRedis({ args: ["--requirepass", hostilePassword] });
    const at = `127.0.0.1:${guarded.port}`;
    for (const options of [
      { location: `redis://:${encoded(hostilePassword)}@${at}` },
      { location: `redis://${at}`, password: hostilePassword },
    ]) {
      expect(await openCache(options).ping()).toBe(true);
    }
  });

  test.each([
    ["in the URL", () => ({ location: `redis://ann:wrong@${host}` })],
    ["as an option", () => ({ location: `redis://${host}`, username: "ann", password: "no" })],
    ["of a user there is not", () => ({ location: `redis://carol:pw@${host}/3` })],
  ])("a wrong password %s is refused promptly, after one try", async (_where, options) => {
    const cache = openCache(options());
    const { error, tookMs } = await failureOf(() => cache.get("key"));
    expect(error).toBeInstanceOf(ServerRefusedError);
    expect(error).toMatchObject({ code: "SERVER_REFUSED", reason: "WRONGPASS" });
    expect(tookMs).toBeLessThan(1_900);
    await wait(250);
    expect((await callsOf(server)).get("auth")).toBe(1);
    expect(await connectionsOf(server)).toBe(0);
  });

  test("a wrong password is not ignored with ignoreErrors", async () => {
    const location = `redis://ann:wrong@${host}`;
    const { error } = await failureOf(() => openCache({ location, ignoreErrors: true }).get("key"));
    expect(error).toMatchObject({ reason: "WRONGPASS" });
  });

  test("a password is tried at most once a second, and calls meanwhile are refused at once", async () => {
    const cache = openCache({ location: `redis://dora:pw@${host}` });
    await server.cli("CONFIG", "RESETSTAT");
    const startedMs = performance.now();
    const refusals: unknown[] = [];
    while (performance.now() - startedMs < 900) {
      refusals.push((await failureOf(() => cache.get("key"))).error);
      await wait(10);
    }
    expect(refusals.length).toBeGreaterThan(10);
    expect(new Set(refusals.map((error) => (error as ServerRefusedError).reason))).toEqual(
      new Set(["WRONGPASS"]),
    );
    expect((await callsOf(server)).get("auth")).toBe(1);
  });

  test("a password that is put right on the server works within two seconds", async () => {
    const cache = openCache({ location: `redis://dora:pw@${host}` });
    await failureOf(() => cache.get("key"));
    await server.cli("ACL", "SETUSER", "dora", "on", ">pw", "~*", "+@all");
    await until("it is let in", () => cache.set("key", 1).catch(() => false));
    expect(await cache.get("key")).toBe(1);
  });

  test("a refusal opens no circuit: the server is there", async () => {
    const cache = openCache({ location: `redis://nobody:pw@${host}` });
    for (let call = 0; call < 10; call++) await failureOf(() => cache.get("key"));
    expect(cache.stats().circuit).toBe("closed");
  });

  test("a user removed while signed in is refused, and nothing is retried", async () => {
    await server.cli("ACL", "SETUSER", "eve", "on", ">pw", "~*", "+@all");
    const cache = openCache({ location: `redis://eve:pw@${host}` });
    await cache.set("key", 1);
    await server.cli("ACL", "DELUSER", "eve");
    await failureOf(() => cache.get("key")); // the connection is cut
    const { error } = await failureOf(() => cache.get("key"));
    expect(error).toMatchObject({ code: "SERVER_REFUSED", reason: "WRONGPASS" });
  });

  test.each([0, 1])("no password where one is asked for is NOAUTH, database %i", async (db) => {
    const guarded = await startedRedis({ args: ["--requirepass", "pw"] });
    const { error } = await failureOf(() => openCache({ location: guarded.url(db) }).get("key"));
    expect(error).toBeInstanceOf(ServerRefusedError);
    expect(error).toMatchObject({ reason: "NOAUTH" });
  });

  test("a command that the user may not run is NOPERM", async () => {
    const cache = openCache({ location: `redis://reader:pw@${host}` });
    expect(await cache.get("nothing")).toBeUndefined();
    const { error } = await failureOf(() => cache.set("key", 1));
    expect(error).toBeInstanceOf(ServerRefusedError);
    expect(error).toMatchObject({ reason: "NOPERM", operation: "SET" });
  });

  test("a database that the server has not is refused", async () => {
    const { error } = await failureOf(() => openCache({ location: server.url(99) }).get("key"));
    expect(error).toBeInstanceOf(ServerRefusedError);
    expect(error).toMatchObject({ reason: "ERR" });
  });
});

describe("which database a location means", () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await startRedisServer();
  });

  afterAll(async () => {
    await server.stop();
  });

  test.each([
    ["redis://HOST", 0],
    ["redis://HOST/", 0],
    ["redis://HOST/5", 5],
    ["redis://HOST?db=6", 6],
    ["redis://HOST/5?db=7", 7],
    ["valkey://HOST/8", 8],
    ["REDIS://HOST/9", 9],
    ["unix://SOCKET", 0],
    ["unix://SOCKET?db=4", 4],
  ])("%s: %i", async (location, db) => {
    const place = location
      .replace("HOST", `127.0.0.1:${server.port}`)
      .replace("SOCKET", server.socketPath);
    await openCache({ location: place }).set(`key ${location}`, 1);
    expect(await server.cli("-n", `${db}`, "EXISTS", `:1:key ${location}`)).toBe("1");
  });

  test("a unix path is percent-decoded", async () => {
    const directory = await mkdtemp(join(tmpdir(), "cachewell-path-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    const path = join(directory, "a b%c#d?é.sock");
    await symlink(server.socketPath, path);
    const cache = openCache({ location: `unix://${path.split("/").map(encoded).join("/")}?db=3` });
    expect(await cache.ping()).toBe(true);
  });
});
