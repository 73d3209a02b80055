import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ServerRefusedError } from "../../src/contracts/errors.ts";
import { type RedisServer, startRedisServer } from "../../src/testing/redis-server.ts";
import { basicApi } from "../support/basic-api.ts";
import { failureOf } from "../support/failure.ts";
import { openCache } from "../support/open-cache.ts";
import { callsOf } from "../support/servers.ts";
import { sessionApi } from "../support/session-api.ts";

/** What a user of one cache has to be allowed, as the documentation says. */
const commands = [
  "eval",
  "evalsha",
  "exists",
  "get",
  "getdel",
  "hdel",
  "hmget",
  "hset",
  "incrby",
  "mget",
  "persist",
  "pexpire",
  "pexpireat",
  "ping",
  "pttl",
  "rename",
  "scan",
  "select",
  "set",
  "time",
  "unlink",
];

/** What sessions need besides. */
const sessionCommands = [
  "del",
  "hget",
  "hgetall",
  "zadd",
  "zrange",
  "zrem",
  "zremrangebyscore",
  "zrevrange",
];

/** What the two have in common, or sessions do not use. */
const ofCachesAlone = new Set([
  "get",
  "getdel",
  "hmget",
  "incrby",
  "mget",
  "persist",
  "ping",
  "pttl",
  "set",
]);

/** Sent while connecting; a refusal changes nothing. */
const handshake = new Set(["auth", "client", "client|setinfo"]);

describe("a user who may touch its own keys only", () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await startRedisServer();
    const allowed = commands.map((command) => `+${command}`);
    await server.cli("ACL", "SETUSER", "app", "on", ">pw", "~app:*", "-@all", ...allowed);
  });

  afterAll(async () => {
    await server.stop();
  });

  function open(keyPrefix: string, db = 1) {
    const location = server.url(db).replace("//", "//app:pw@");
    return openCache({ location, keyPrefix });
  }

  async function allowSessions(): Promise<void> {
    const allowed = sessionCommands.map((command) => `+${command}`);
    await server.cli("ACL", "SETUSER", "app", ...allowed);
  }

  /** Returns what was called since the counts began, but for redis-cli's own and the handshake. */
  async function commandsUsed(): Promise<string[]> {
    const cli = new Set(["config|resetstat", "script|flush", "info", "command|docs"]);
    const used = [...(await callsOf(server)).keys()];
    return used.filter((command) => !cli.has(command) && !handshake.has(command)).toSorted();
  }

  test.each(basicApi)("can do all of the basic API: %s", async (_name, use) => {
    await expect(use(open("app"))).resolves.toBeUndefined();
  });

  test("uses the commands of the list, all of them, and no others", async () => {
    await server.cli("CONFIG", "RESETSTAT");
    await server.cli("SCRIPT", "FLUSH");
    const cache = open("app", 2);
    for (const [, use] of basicApi) await use(cache);
    expect(await commandsUsed()).toEqual(commands);
  });

  test.each(sessionApi)("can use sessions once it may do a little more: %s", async (_name, use) => {
    await allowSessions();
    await expect(use(open("app", 3))).resolves.toBeUndefined();
  });

  test("sessions use the commands of their list, and no others", async () => {
    await allowSessions();
    await server.cli("CONFIG", "RESETSTAT");
    await server.cli("SCRIPT", "FLUSH");
    const cache = open("app", 4);
    for (const [, use] of sessionApi) await use(cache);
    const expected = [...commands, ...sessionCommands].filter((name) => !ofCachesAlone.has(name));
    expect(await commandsUsed()).toEqual(expected.toSorted());
  });

  test.each([
    ["get", () => open("other").get("key")],
    ["set", () => open("other").set("key", 1)],
    ["setMany", () => open("other").setMany({ key: 1 })],
    ["getMany", () => open("other").getMany(["key"])],
    ["delete", () => open("other").delete("key")],
    ["incr", () => open("other").incr("key")],
    ["lock", () => open("other").lock("key", { ttl: 1 })],
    ["a prefix that only begins alike", () => open("apple").get("key")],
    ["flushDatabase", () => open("app").flushDatabase()],
  ])("is refused what is not its own: %s", async (_what, call) => {
    const { error } = await failureOf(call);
    expect(error).toBeInstanceOf(ServerRefusedError);
    expect(error).toMatchObject({ reason: "NOPERM" });
  });

  test("sees the names, and nothing else, of other prefixes' keys: SCAN knows no permissions", async () => {
    await server.cli("-n", "1", "SET", "other:1:key", "1");
    const cache = open("other");
    expect(await cache.keys("*")).toEqual(["key"]);
    expect((await failureOf(() => cache.clear())).error).toMatchObject({ reason: "NOPERM" });
  });
});
