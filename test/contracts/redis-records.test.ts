import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import type { MemberIndex, RecordStore } from "../../src/contracts/records.ts";
import { nameOf } from "../../src/drivers/redis/commands/command.ts";
import type { ServerCommands } from "../../src/drivers/redis/commands/command-sender.ts";
import { flushCommand, pttlCommand } from "../../src/drivers/redis/commands/key-commands.ts";
import type { ConnectionOptions } from "../../src/drivers/redis/connection/connection-options.ts";
import { parseRedisLocation } from "../../src/drivers/redis/location/location.ts";
import { RedisIndex } from "../../src/drivers/redis/stores/redis-index.ts";
import { RedisRecords } from "../../src/drivers/redis/stores/redis-records.ts";
import { type SharedServer, shareServer } from "../../src/drivers/redis/topology/shared-servers.ts";
import { systemClock } from "../../src/kit/clock.ts";
import { freshDatabase, sharedUrl } from "../support/fresh.ts";
import { numberCommand } from "../support/raw-command.ts";
import { testMemberIndexContract } from "./member-index-contract.ts";
import { testRecordContract } from "./record-contract.ts";

let options: ConnectionOptions;
let server: SharedServer;

beforeAll(async () => {
  options = {
    ...parseRedisLocation(sharedUrl(await freshDatabase())),
    connectTimeoutMs: 2_000,
    commandTimeoutMs: 5_000,
    circuit: { threshold: 5, cooldownMs: 1_000 },
    maxCalls: 10_000,
    maxBytes: 2 ** 26,
  };
  server = shareServer(options);
});

afterAll(async () => {
  await server.release();
});

async function pass(ms: number): Promise<void> {
  await wait(ms);
}

async function flush(): Promise<void> {
  await server.commands.send(flushCommand);
}

testRecordContract(
  { describe, test },
  {
    name: "redis",
    clock: systemClock,
    pass,
    open: async () => {
      await flush();
      return new RedisRecords(server.commands);
    },
    plantForeignType: async (key) => {
      await server.commands.send(numberCommand("RPUSH", key, "item"));
    },
  },
);

testMemberIndexContract(
  { describe, test },
  {
    name: "redis",
    pass,
    open: async () => {
      await flush();
      return new RedisIndex(server.commands);
    },
  },
);

const fields = new Map([["name", "Ann"]]);
const forAMinute = { ttlMs: 60_000 };
const moveOfA = {
  from: "a",
  to: "b",
  change: { set: new Map([["city", "Rome"]]), remove: ["name"] },
  lifetime: forAMinute,
  rememberMs: 60_000,
};

/** A call of every method, on the record "a" and the set "set". */
const methods: readonly (readonly [string, (its: Opened) => Promise<unknown>])[] = [
  ["load", ({ records }) => records.load("a")],
  ["create", ({ records }) => records.create("new", fields, forAMinute)],
  ["update", ({ records }) => records.update("a", moveOfA.change, forAMinute)],
  ["put", ({ records }) => records.put("a", fields, forAMinute)],
  ["touch", ({ records }) => records.touch("a", forAMinute)],
  ["move", ({ records }) => records.move(moveOfA)],
  ["destroy", ({ records }) => records.destroy("a", { field: "name", text: "Ann" })],
  ["add", ({ index }) => index.add("set", "bob", 60_000)],
  ["remove", ({ index }) => index.remove("set", ["ann", "bob"])],
  [
    "remove of a thousand",
    ({ index }) => index.remove("set", Array.from({ length: 1_000 }, String)),
  ],
  ["members", ({ index }) => index.members("set")],
];

interface Opened {
  readonly records: RecordStore;
  readonly index: MemberIndex;
}

describe("records in redis", () => {
  async function opened(commands: ServerCommands): Promise<Opened> {
    await flush();
    const parts = { records: new RedisRecords(commands), index: new RedisIndex(commands) };
    await parts.records.create("a", fields, forAMinute);
    await parts.index.add("set", "ann", 60_000);
    return parts;
  }

  /** Returns commands that note their names as they are sent. */
  function watched(asked: string[], { commands } = server): ServerCommands {
    return {
      send: (command, calls) => {
        asked.push(nameOf(command));
        return commands.send(command, calls);
      },
      sendEach: (all, rules) => commands.sendEach(all, rules),
      connectionFor: (command) => commands.connectionFor(command),
    };
  }

  function keyCount(): Promise<unknown> {
    return server.commands.send(numberCommand("DBSIZE"));
  }

  test.each(methods)("%s is one round trip once its script is known", async (_name, call) => {
    await call(await opened(server.commands));
    let trips = 0;
    const counting: ServerCommands = {
      send: (command, calls) => {
        trips += 1;
        return server.commands.send(command, calls);
      },
      sendEach: (commands, rules) => {
        const keys = commands.reduce((sum, command) => sum + command.keyCount, 0);
        trips += Math.ceil(keys / rules.keysAtOnce);
        return server.commands.sendEach(commands, rules);
      },
      connectionFor: (command) => server.commands.connectionFor(command),
    };
    const its = await opened(counting);
    trips = 0;
    await call(its);
    expect(trips).toBe(1);
  });

  test.each(methods)("no key stays for ever after %s", async (_name, call) => {
    await call(await opened(server.commands));
    const endless: string[] = [];
    for (const key of ["a", "b", "new", "set"]) {
      const remaining = await server.commands.send(pttlCommand(key));
      if (remaining === -1) endless.push(key);
    }
    expect(endless).toEqual([]);
  });

  test("a load is a plain command where the server told its time in the last ten seconds", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const fresh = shareServer({ ...options, commandTimeoutMs: 6_000 });
    onTestFinished(() => fresh.release());
    const asked: string[] = [];
    const { records } = await opened(watched(asked, fresh));
    await records.load("a"); // knows its script from now on
    vi.advanceTimersByTime(10_000);
    asked.length = 0;
    for (const ms of [0, 9_999, 1, 0]) {
      vi.advanceTimersByTime(ms);
      await records.load("a");
    }
    expect(asked).toEqual(["EVALSHA", "HGETALL", "EVALSHA", "HGETALL"]);
  });

  test("a record that is no text is read as it is, with another command, and then as bytes", async () => {
    const bytes = Buffer.from([0xff, 0x00, 0xc1]);
    const asked: string[] = [];
    const { records } = await opened(watched(asked));
    await records.load("a"); // learns the server's clock
    await records.update("a", { set: new Map([["name", bytes]]), remove: [] }, forAMinute);
    asked.length = 0;
    const read: unknown[] = [];
    for (let time = 0; time < 3; time += 1) {
      read.push((await records.load("a"))?.fields.get("name"));
    }
    expect(read).toEqual([bytes, bytes, bytes]);
    expect(asked).toHaveLength(4);
  });

  test("a record that is no text is read as it is along with the server's time", async () => {
    const bytes = Buffer.from([0xff, 0x00, 0xc1]);
    const { records } = await opened(server.commands);
    await records.update("a", { set: new Map([["name", bytes]]), remove: [] }, forAMinute);
    expect((await records.load("a"))?.fields.get("name")).toEqual(bytes);
  });

  test("a record may have more fields than Lua takes arguments", async () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `field${index}`);
    const { records } = await opened(server.commands);
    const set = new Map(names.map((name) => [name, name]));
    expect(await records.update("a", { set, remove: ["name"] }, forAMinute)).toBe(true);
    expect((await records.load("a"))?.fields).toEqual(set);
    const remove = names.slice(1);
    expect(await records.update("a", { set: new Map(), remove }, forAMinute)).toBe(true);
    expect([...((await records.load("a"))?.fields.keys() ?? [])]).toEqual(["field0"]);
  });

  test("a destroyed record, and a set that lost its members, take no room", async () => {
    const { records, index } = await opened(server.commands);
    await records.destroy("a");
    await index.remove("set", ["ann"]);
    expect(await keyCount()).toBe(0);
  });

  test("another program's hash is no record, and stays", async () => {
    const { records } = await opened(server.commands);
    await server.commands.send(numberCommand("HSET", "hash", "name", "Eve"));
    expect(await records.load("hash")).toBeUndefined();
    expect(await records.create("hash", fields, forAMinute)).toBe(false);
    expect(await records.update("hash", moveOfA.change, forAMinute)).toBe(false);
    expect(await records.destroy("hash")).toEqual({ destroyed: false });
    expect(await server.commands.send(numberCommand("HLEN", "hash"))).toBe(1);
  });
});
