import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Cache } from "../../src/contracts/cache.ts";
import type { CacheOptions } from "../../src/contracts/options.ts";
import type { RedisServer } from "../../src/testing/redis-server.ts";
import { failureOf } from "../support/failure.ts";
import { openCache } from "../support/open-cache.ts";
import { connectionsOf, startedRedis, startedTcp } from "../support/servers.ts";
import { until } from "../support/until.ts";

/** How a server is brought to say something, and what that comes to. */
interface Row {
  readonly options?: (server: RedisServer) => CacheOptions;
  /** Brings the server to it, by commands; what comes back undoes it. */
  readonly provoke: (server: RedisServer, cache: Cache) => Promise<() => Promise<unknown>>;
  readonly call: (cache: Cache) => Promise<unknown>;
  readonly error: { readonly code: string; readonly reason?: string | undefined };
  /** What the same call comes to under `ignoreErrors`. */
  readonly ignored: unknown;
}

const write = (cache: Cache): Promise<unknown> => cache.set("key", 2);
const read = (cache: Cache): Promise<unknown> => cache.get("key");
const unavailable = (reason?: string) => ({ code: "STORE_UNAVAILABLE", reason });
const refused = (reason: string) => ({ code: "SERVER_REFUSED", reason });

/** Sets options of the server, and puts them back. */
function configured(change: Readonly<Record<string, string>>): Row["provoke"] {
  return async (server) => {
    const before: string[] = [];
    for (const [name, value] of Object.entries(change)) {
      const was = await server.cli("CONFIG", "GET", name);
      before.push(name, was.split("\n")[1] ?? "");
      await server.cli("CONFIG", "SET", name, value);
    }
    return () => server.cli("CONFIG", "SET", ...before);
  };
}

async function becomeReplica(server: RedisServer): Promise<() => Promise<unknown>> {
  await server.cli("REPLICAOF", "127.0.0.1", "1");
  return () => server.cli("REPLICAOF", "NO", "ONE");
}

/** The rows of the table in docs/guide/faults.md, by their first column. */
const rows: Readonly<Record<string, Row>> = {
  LOADING: {
    provoke: async (server) => {
      await server.cli("DEBUG", "POPULATE", "2000", "filler", "100");
      await configured({ "loading-process-events-interval-bytes": "1024" })(server, openCache());
      await server.cli("CONFIG", "SET", "key-load-delay", "400");
      const reload = server.cli("DEBUG", "RELOAD");
      await until("it loads", async () => (await server.cli("PING")).startsWith("LOADING"));
      return async () => {
        await server.cli("CONFIG", "SET", "key-load-delay", "0");
        await reload;
      };
    },
    call: read,
    error: unavailable("LOADING"),
    ignored: undefined,
  },
  BUSY: {
    provoke: async (server) => {
      await server.busy(60_000);
      return () => server.endBusy();
    },
    call: read,
    error: unavailable("BUSY"),
    ignored: undefined,
  },
  READONLY: { provoke: becomeReplica, call: write, error: unavailable("READONLY"), ignored: false },
  MASTERDOWN: {
    provoke: async (server, cache) => {
      const undoStale = await configured({ "replica-serve-stale-data": "no" })(server, cache);
      const undo = await becomeReplica(server);
      return async () => {
        await undo();
        await undoStale();
      };
    },
    call: read,
    error: unavailable("MASTERDOWN"),
    ignored: undefined,
  },
  NOREPLICAS: {
    provoke: configured({ "min-replicas-to-write": "1" }),
    call: write,
    error: unavailable("NOREPLICAS"),
    ignored: false,
  },
  OOM: {
    provoke: configured({ maxmemory: "1", "maxmemory-policy": "noeviction" }),
    call: write,
    error: refused("OOM"),
    ignored: false,
  },
  NOPERM: {
    options: (server) => ({ location: `redis://reader:pw@127.0.0.1:${server.port}` }),
    provoke: async (server) => {
      await server.cli("ACL", "SETUSER", "reader", "-set");
      return () => server.cli("ACL", "SETUSER", "reader", "+set");
    },
    call: write,
    error: refused("NOPERM"),
    ignored: expect.objectContaining(refused("NOPERM")), // thrown all the same
  },
};

/** Rows with tests of their own: below, in sign-in.test.ts, and in server-answers.test.ts of the integration tests. */
const otherRows: readonly string[] = ["max number of clients", "WRONGPASS", "NOAUTH", "NOSCRIPT"];

async function served(options: CacheOptions, server: RedisServer): Promise<Cache> {
  await server.cli("ACL", "SETUSER", "reader", "on", ">pw", "~*", "+@all");
  const cache = openCache({ location: server.url(), commandTimeout: "5s", ...options });
  await cache.set("key", 1);
  await cache.incr("key", 0); // so that its script is known
  return cache;
}

describe.each(Object.entries(rows))("a server that answers %s", (_said, row) => {
  const args = ["--enable-debug-command", "yes"];

  test("is there, and what it says is told; it is neither left nor kept from its calls", async () => {
    const server = await startedRedis({ args });
    const cache = await served(row.options?.(server) ?? {}, server);
    const told: string[] = [];
    for (const name of ["disconnect", "circuit"] as const) cache.on(name, () => told.push(name));
    const undo = await row.provoke(server, cache);
    for (let call = 0; call < 6; call++) {
      const { error } = await failureOf(() => row.call(cache));
      expect(error).toMatchObject(row.error);
      expect(error).not.toMatchObject({ maybeApplied: true });
    }
    await undo();
    await until("it serves", () => cache.set("key", 3).catch(() => false));
    expect(await cache.get("key")).toBe(3);
    expect(told).toEqual([]);
  });

  test("under ignoreErrors", async () => {
    const server = await startedRedis({ args });
    const cache = await served({ ...row.options?.(server), ignoreErrors: true }, server);
    const undo = await row.provoke(server, cache);
    const outcome = await row.call(cache).catch((error: unknown) => error);
    expect(outcome).toEqual(row.ignored);
    await undo();
  });
});

test("no room for another client: further attempts wait, and one comes in when there is room", async () => {
  const server = await startedRedis();
  const guest = connect(server.port, "127.0.0.1").on("error", () => undefined);
  await until("the guest is in", async () => (await connectionsOf(server)) === 1);
  await server.cli("CONFIG", "SET", "maxclients", "1");
  const cache = openCache({ location: server.url() });
  const { error } = await failureOf(() => cache.get("key"));
  expect(error).toMatchObject({ code: "STORE_UNAVAILABLE", maybeApplied: false });
  guest.destroy();
  await until("it is let in", () => cache.ping().catch(() => false));
});

describe("a name that leads to another server by now", () => {
  /** A name for two servers: it leads to the second once it is told to. */
  async function moving(options: CacheOptions = {}) {
    const [first, second] = [await startedRedis(), await startedRedis()];
    let current = first;
    const port = await startedTcp((near) => {
      const far = connect(current.port, "127.0.0.1").on("error", () => undefined);
      near.pipe(far).pipe(near);
      near.on("close", () => far.destroy());
    });
    const cache = openCache({ location: `redis://127.0.0.1:${port}`, ...options });
    const told: string[] = [];
    for (const name of ["connect", "disconnect"] as const) cache.on(name, () => told.push(name));
    await cache.set("key", 1);
    const failOver = async (): Promise<void> => {
      current = second;
      await becomeReplica(first);
    };
    return { first, second, cache, told, failOver };
  }

  test("is followed on READONLY, and the write done there, once", async () => {
    const { first, second, cache, told, failOver } = await moving();
    await wait(1_100); // a connection this young is not left
    await failOver();
    expect(await cache.incr("count", 1, { ifMissing: "create" })).toBe(1);
    expect(await second.cli("GET", cache.storedKey("count"))).toBe("1");
    expect(await first.cli("EXISTS", cache.storedKey("count"))).toBe("0");
    expect(told).toEqual(["connect", "disconnect", "connect"]);
  });

  test("is followed by many writes at once over one new connection", async () => {
    const { second, cache, failOver } = await moving();
    await wait(1_100);
    await failOver();
    const calls = Array.from({ length: 100 }, () =>
      cache.incr("count", 1, { ifMissing: "create" }),
    );
    await Promise.all(calls);
    expect(await second.cli("GET", cache.storedKey("count"))).toBe("100");
    expect(await connectionsOf(second)).toBe(1);
  });

  test("reads under way on the old connection get their answers", async () => {
    const { cache, failOver } = await moving();
    await wait(1_100);
    await failOver();
    const reads = Array.from({ length: 50 }, () => cache.get("key"));
    await cache.set("key", 2);
    expect(await Promise.all(reads)).toEqual(Array.from({ length: 50 }, () => 1));
  });

  test("a replica that lasts is left at most once a second", async () => {
    const { first, cache, told } = await moving();
    await becomeReplica(first);
    const endAtMs = performance.now() + 2_500;
    while (performance.now() < endAtMs) {
      for (const call of [() => cache.set("key", 2), () => cache.incr("key")]) {
        const { error } = await failureOf(call);
        expect(error).toMatchObject({ code: "STORE_UNAVAILABLE", reason: "READONLY" });
        expect(error).toMatchObject({ maybeApplied: false });
      }
      await wait(5);
    }
    const leavings = told.filter((name) => name === "disconnect").length;
    expect(leavings).toBeGreaterThanOrEqual(1);
    expect(leavings).toBeLessThanOrEqual(3);
    expect(await cache.get("key")).toBe(1);
  });
});

test("the table of answers in the guide has these rows, and no other", async () => {
  const guide = await readFile(new URL("../../docs/guide/faults.md", import.meta.url), "utf8");
  const [, section = ""] = guide.split("### What the server answers");
  const [table = ""] = section.split("\n###");
  const documented = Array.from(table.matchAll(/^\| `([^`]+)` \|/gm), ([, name]) => name);
  expect(new Set(documented)).toEqual(new Set([...Object.keys(rows), ...otherRows]));
});
