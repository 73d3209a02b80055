import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { inspect } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Cache } from "../../src/contracts/cache.ts";
import type { CacheOptions } from "../../src/contracts/options.ts";
import { createCache } from "../../src/create-cache.ts";
import { createCaches } from "../../src/create-caches.ts";
import { type RedisServer, startRedisServer } from "../../src/testing/redis-server.ts";
import { openCache } from "../support/open-cache.ts";
import { closedPort, startedRedis, startedTcp } from "../support/servers.ts";
import { createTlsCertificates, type TlsCertificates } from "../support/tls-certificates.ts";

const username = "canary-user";
const password = "canary-pass/@:?#";
const value = "canary-value";

/** Whatever of a secret may come through, however it is written. */
const canary = /canary/i;

const warnings: unknown[] = [];
const warn = (warning: unknown): number => warnings.push(warning);

let server: RedisServer;
let directory = "";
let certificates: TlsCertificates;

beforeAll(async () => {
  process.on("warning", warn);
  server = await startRedisServer();
  directory = await mkdtemp(join(tmpdir(), "cachewell-secrets-"));
  certificates = await createTlsCertificates(directory);
});

beforeEach(async () => {
  await server.cli("FLUSHALL");
});

afterAll(async () => {
  process.off("warning", warn);
  await server.stop();
  await rm(directory, { recursive: true });
});

/** All the texts that can be had out of something by printing it, causes and hidden fields too. */
function printed(thing: unknown): string {
  const chain: unknown[] = [];
  for (let link = thing; link instanceof Error && chain.length < 10; link = link.cause) {
    chain.push(link.message, link.stack, String(link), jsonOf(link));
  }
  const hidden = inspect(thing, { depth: Infinity, showHidden: true, maxStringLength: null });
  return [String(thing), jsonOf(thing), hidden, ...chain].join("\n");
}

/** Node's own errors of TLS hold a certificate that holds itself: no JSON comes of them. */
function jsonOf(thing: unknown): string {
  try {
    return JSON.stringify(thing) ?? "";
  } catch {
    return "";
  }
}

/** Says where a secret came through, and in what it stands; nothing when none did. */
function leaksIn(things: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(things).flatMap(([what, thing]) => {
    const line = printed(thing)
      .split("\n")
      .find((text) => canary.test(text));
    return line === undefined ? [] : [`${what}: ${line.trim().slice(0, 200)}`];
  });
}

type Use = (cache: Cache) => Promise<unknown>;

/** Makes a cache, lets a call on it fail, and returns all that it gave away: errors, events, lines. */
async function givenAwayBy(options: CacheOptions, use: Use): Promise<Record<string, unknown>> {
  const away: Record<string, unknown> = {};
  const note = (what: string, thing: unknown): void => {
    away[`${what} ${Object.keys(away).length}`] = thing;
  };
  for (const ignoreErrors of [false, true]) {
    const logger = { error: (...line: unknown[]) => note("log", line) };
    const policy = { ignoreErrors, logIgnoredErrors: true, logger };
    const cache = openCache({
      connectTimeout: "150ms",
      commandTimeout: "60ms",
      ...policy,
      ...options,
    });
    for (const event of [
      "hit",
      "miss",
      "write",
      "delete",
      "error",
      "connect",
      "disconnect",
      "circuit",
    ] as const) {
      cache.on(event, (told) => note(event, told));
    }
    await use(cache).catch((error: unknown) => note("error", error));
    note("cache", cache);
    note("view", cache.namespace("users"));
    note("stats", cache.stats());
    await cache.close();
  }
  return away;
}

async function expectFailureWithoutLeak(options: CacheOptions, use: Use): Promise<void> {
  const away = await givenAwayBy(options, use);
  expect(Object.keys(away).some((what) => /^(?:error|log)/.test(what))).toBe(true);
  expect(leaksIn(away)).toEqual([]);
}

const set: Use = (cache) => cache.set("key", value);

function signedIn(location: string): string {
  const userinfo = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`;
  return location.replace("//", `//${userinfo}@`);
}

describe("a store that fails gives no secret away", () => {
  test("the connection is refused", async () => {
    const location = signedIn(`redis://127.0.0.1:${await closedPort()}/0`);
    await expectFailureWithoutLeak({ location }, set);
  });

  test("the host does not exist", async () => {
    await expectFailureWithoutLeak({ location: signedIn("redis://no-such-host.invalid") }, set);
  });

  test("the unix socket does not exist", async () => {
    const location = signedIn("unix:///no/such/redis.sock?db=0");
    await expectFailureWithoutLeak({ location }, set);
  });

  test("the server never answers the sign-in", async () => {
    const port = await startedTcp(() => undefined);
    await expectFailureWithoutLeak({ location: signedIn(`redis://127.0.0.1:${port}`) }, set);
  });

  test("the server answers nonsense that quotes what it was sent", async () => {
    const port = await startedTcp((socket) => {
      socket.on("data", (sent) => socket.write(`?${sent.toString()}`));
    });
    await expectFailureWithoutLeak({ location: signedIn(`redis://127.0.0.1:${port}`) }, set);
  });

  test("the password is wrong, in the URL and as an option", async () => {
    await expectFailureWithoutLeak({ location: signedIn(server.url()) }, set);
    await expectFailureWithoutLeak({ location: server.url(), username, password }, set);
  });

  test("the server knows no AUTH, and quotes it", async () => {
    const odd = await startedRedis({ args: ["--rename-command", "AUTH", ""] });
    await expectFailureWithoutLeak({ location: signedIn(odd.url()) }, set);
  });

  test.each([
    ["SET", set],
    ["SET", (cache: Cache) => cache.setMany({ key: value })],
    ["SET", (cache: Cache) => cache.getOrSet("key", () => value)],
    ["EVALSHA", (cache: Cache) => cache.set("key", value, { keepTtl: true })],
  ])("the server knows no %s, and quotes it", async (command, use) => {
    const odd = await startedRedis({ args: ["--rename-command", command, ""] });
    await expectFailureWithoutLeak({ location: odd.url() }, use);
  });

  test("the user may not do it", async () => {
    await server.cli("ACL", "SETUSER", username, "on", `>${password}`, "-@all", "+ping");
    try {
      await expectFailureWithoutLeak({ location: signedIn(server.url()) }, set);
    } finally {
      await server.cli("ACL", "DELUSER", username);
    }
  });

  test("the server is out of memory", async () => {
    await server.limitMemory(1);
    try {
      await expectFailureWithoutLeak({ location: server.url() }, async (cache) => {
        await cache.set("key", value, { keepTtl: true }).catch(() => undefined);
        await cache.set("key", value);
      });
    } finally {
      await server.limitMemory(0);
    }
  });

  test("the server freezes, and is then lost with writes in flight", async () => {
    const frozen = await startedRedis();
    await frozen.cli("CONFIG", "SET", "requirepass", password);
    const location = frozen.url().replace("//", `//:${encodeURIComponent(password)}@`);
    await expectFailureWithoutLeak({ location }, async (cache) => {
      await cache.set("key", value);
      frozen.freeze();
      try {
        await cache.set("key", value);
      } finally {
        frozen.thaw();
      }
    });
    await expectFailureWithoutLeak({ location, commandTimeout: "2s" }, async (cache) => {
      await cache.ping();
      frozen.freeze();
      const write = cache.set("key", value);
      write.catch(() => undefined);
      await turn();
      await frozen.kill();
      await write;
    });
  });

  test("the certificate is not trusted, or not usable", async () => {
    const secure = await startedRedis({ tls: { certificates } });
    const location = signedIn(secure.url());
    const passphrase = "canary-passphrase";
    for (const tls of [
      { passphrase },
      { ca: certificates.ca, servername: "elsewhere.example", passphrase },
      { ca: certificates.ca, key: "-----BEGIN PRIVATE KEY-----\ncanary\n", passphrase },
      { ca: certificates.ca, pfx: Buffer.from("canary"), passphrase },
    ]) {
      await expectFailureWithoutLeak({ location, tls }, set);
    }
  });
});

describe("a value that fails is not given away", () => {
  test.each<readonly [string, unknown]>([
    ["a function beside it", { value, call: () => 1 }],
    ["a symbol beside it", [value, Symbol(value)]],
    ["a function that holds it", Object.assign(() => value, { value })],
    [
      "a class instance that holds it",
      new (class Own {
        own = value;
      })(),
    ],
    [
      "a getter that throws it",
      {
        get value() {
          throw new Error("not readable");
        },
      },
    ],
    ["a Map that holds it", new Map([["key", [value, () => 1]]])],
  ])("it cannot be encoded: %s", async (_what, unencodable) => {
    await expectFailureWithoutLeak({ location: "memory:" }, (cache) =>
      cache.set("key", unencodable),
    );
  });

  test("it cannot be encoded: a cycle", async () => {
    const cycle: Record<string, unknown> = { value };
    cycle["self"] = cycle;
    await expectFailureWithoutLeak({ serializer: "json" }, (cache) => cache.set("key", cycle));
  });

  test("it is too large", async () => {
    await expectFailureWithoutLeak({ maxValueBytes: 5 }, set);
  });

  test.each([
    ["text of no format", value],
    ["JSON that is cut short", `{"value":"${value}`],
    ["JSON that goes wrong at once", `[${value}]`],
    ["a literal that is none", `t${value}`],
    ["a number that is none", `12${value}`],
    ["JSON with more behind it", `"text"${value}`],
  ])("it cannot be decoded: %s", async (_what, text) => {
    await server.cli("SET", ":1:key", text);
    await expectFailureWithoutLeak({ location: server.url() }, (cache) => cache.get("key"));
    await expectFailureWithoutLeak({ location: server.url() }, async (cache) => {
      await cache.getMany(["key"]);
    });
  });

  test.each(["auto", "json", "msgpack"] as const)(
    "%s: its bytes are damaged",
    async (serializer) => {
      const location = server.url();
      const writer = openCache({ location, serializer, compressor: "gzip", compressMinBytes: 1 });
      await writer.set("key", { value, when: new Date(0), text: value.repeat(20) });
      await server.cli("SETRANGE", ":1:key", "8", "canary");
      await expectFailureWithoutLeak({ location, serializer }, (cache) => cache.get("key"));
    },
  );

  test("it is not a number", async () => {
    await server.cli("SET", ":1:key", value);
    const away = await givenAwayBy({ location: server.url() }, (cache) => cache.incr("key"));
    expect(leaksIn(away)).toEqual([]);
  });

  test("it goes well: no event holds it", async () => {
    const away = await givenAwayBy(
      { location: signedIn(server.url()), username },
      async (cache) => {
        await server.cli("ACL", "SETUSER", username, "on", `>${password}`, "~*", "+@all");
        await cache.set("key", value);
        await cache.get("key");
        await cache.take("key");
      },
    );
    await server.cli("ACL", "DELUSER", username);
    expect(Object.keys(away).some((what) => what.startsWith("write"))).toBe(true);
    expect(leaksIn(away)).toEqual([]);
  });
});

describe("what cannot be configured gives no secret away", () => {
  const wrong: readonly (readonly [string, () => unknown])[] = [
    ...[
      "redis://canary:canary@",
      "redis://canary:canary@/0",
      "redis://canary:can/ary@host:port",
      "redis://canary:ca%nary@host",
      "redis://canary:canary@host/canary",
      "redis://canary:canary@host/0#canary",
      "redis://canary:canary@host?db=canary",
      "redis://user:1?canary@host/0",
      "redis://user:1/canary@host/0",
      "redis://user:1#canary@host/0",
      "redis://host/0?password=canary",
      "redis:canary@host",
      "rediss://canary:canary@a:1,b:2/0",
      "unix://canary:canary@/",
      "unix://canary:canary@host/path",
      "unix:canary:canary@/path",
      "canary:canary@host:6379",
      "http://canary:canary@host",
      "redis+sentinel://canary:canary@a,b/canary",
      ":canary@host",
      "canary",
    ].map((location) => [`location ${location}`, () => createCache({ location })] as const),
    [
      "a list of locations",
      () => createCache({ location: ["redis://:canary@a"] as unknown as string }),
    ],
    [
      "an object as location",
      () => createCache({ location: { password: "canary" } as unknown as string }),
    ],
    [
      "a URL object",
      () => createCache({ location: new URL("redis://:canary@a") as unknown as string }),
    ],
    [
      "password of another type",
      () => createCache({ location: "redis://a", password: ["canary"] as unknown as string }),
    ],
    [
      "username of another type",
      () =>
        createCache({ location: "redis://a", username: { secret: "canary" } as unknown as string }),
    ],
    [
      "tls without rediss",
      () => createCache({ location: "redis://:canary@a", tls: { key: "canary" } }),
    ],
    [
      "password with a client",
      () => createCache({ client: { secret: "canary" }, password: "canary" }),
    ],
    [
      "location with a client",
      () => createCache({ client: { secret: "canary" }, location: "redis://:canary@a" }),
    ],
    ["a client that is none", () => createCache({ client: { options: { password: "canary" } } })],
    [
      "another option wrong",
      () => createCache({ location: "redis://:canary@a", password: "canary", ttl: Number.NaN }),
    ],
    [
      "an unknown option beside it",
      () => createCache({ location: "redis://:canary@a", pass: "canary" } as CacheOptions),
    ],
    [
      "aliases that collide",
      () =>
        createCaches({
          a: { location: "redis://:canary@a", keyPrefix: "" },
          b: { location: "redis://:canary@a", keyPrefix: ":1" },
        }),
    ],
  ];

  test.each(wrong)("%s", (_what, make) => {
    let error: unknown;
    try {
      make();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(Error);
    expect(leaksIn({ error })).toEqual([]);
  });
});

test("no warning of the process came up, let alone one with a secret", () => {
  expect(warnings.map(printed)).toEqual([]);
});
