import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import {
  type FaultProxy,
  type FaultProxyTarget,
  startFaultProxy,
} from "../../src/testing/fault-proxy.ts";
import type { Fault } from "../../src/testing/faults.ts";
import { type RedisServer, startRedisServer } from "../../src/testing/redis-server.ts";
import { runProgram } from "../support/program.ts";
import { closedPort, connectionsOf, startedRedis, statOf } from "../support/servers.ts";
import { until } from "../support/until.ts";

/** Long enough for what passes to have passed: it takes well under a millisecond. */
const silenceMs = 60;

let server: RedisServer;

beforeAll(async () => {
  server = await startRedisServer();
});

beforeEach(async () => {
  await server.cli("FLUSHALL");
});

afterAll(async () => {
  await server.stop();
});

async function startedProxy(target: FaultProxyTarget = server): Promise<FaultProxy> {
  const proxy = await startFaultProxy(target);
  onTestFinished(() => proxy.stop());
  return proxy;
}

/** A socket, everything that it received, and how it ended. */
class Client {
  readonly socket: Socket;
  readonly pieces: string[] = [];
  /** "FIN", or the code of the error. */
  readonly ended: Promise<string>;

  constructor(port: number) {
    this.socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    this.socket.setEncoding("latin1").on("data", (text: string) => this.pieces.push(text));
    this.ended = new Promise((resolve) => {
      this.socket.on("end", () => resolve("FIN"));
      this.socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
    });
    onTestFinished(() => void this.socket.destroy());
  }

  get received(): string {
    return this.pieces.join("");
  }

  send(...commands: readonly string[]): this {
    for (const command of commands) this.socket.write(`${command}\r\n`);
    return this;
  }
}

/** Waits for the client to receive exactly this, since it began or was forgotten. */
async function expectReceived(client: Client, text: string): Promise<void> {
  await until(`it receives ${JSON.stringify(text)}`, () => client.received.length >= text.length);
  expect(client.received).toBe(text);
}

/** Returns a client to whom the server has spoken through the proxy. */
async function connected(proxy: FaultProxy): Promise<Client> {
  const client = new Client(proxy.port).send("PING");
  await expectReceived(client, "+PONG\r\n");
  client.pieces.length = 0;
  return client;
}

describe("a fault proxy without a fault", () => {
  test("passes everything on as it is", async () => {
    const proxy = await startedProxy();
    expect(proxy.fault).toEqual({ kind: "pass" });
    expect(proxy.url(3)).toBe(`redis://127.0.0.1:${proxy.port}/3`);
    const text = "0123456789".repeat(100_000);
    const client = await connected(proxy);
    client.send(`SET key ${text.slice(0, 50_000)}`, "STRLEN key");
    await expectReceived(client, "+OK\r\n:50000\r\n");
    client.pieces.length = 0;
    await server.cli("EVAL", "redis.call('SET', 'key', string.rep('0123456789', 100000))", "0");
    client.send("GET key");
    await expectReceived(client, `$1000000\r\n${text}\r\n`);
  });

  test("stands before a unix socket too", async () => {
    const proxy = await startedProxy({ socketPath: server.socketPath });
    await expectReceived(new Client(proxy.port).send("PING"), "+PONG\r\n");
  });

  test("passes on that the client says nothing more", async () => {
    const client = await connected(await startedProxy());
    client.socket.end();
    expect(await client.ended).toBe("FIN");
  });

  test("passes on that the server has gone, and connects to the one that comes back", async () => {
    const own = await startedRedis();
    const proxy = await startedProxy(own);
    const client = await connected(proxy);
    await own.kill();
    expect(await client.ended).toMatch(/FIN|ECONNRESET/);
    await own.restart();
    await connected(proxy);
  });

  test("resets what it accepted for a server that does not listen", async () => {
    const proxy = await startedProxy({ port: await closedPort() });
    expect(await new Client(proxy.port).ended).toBe("ECONNRESET");
  });

  test("holds the server back where the client does not read", async () => {
    const own = await startedRedis();
    await own.cli("SETRANGE", "key", "100000000", "end");
    const client = await connected(await startedProxy(own));
    client.socket.pause();
    client.send("GET key");
    let before = -1;
    let sent = 0;
    await until("the server stands still", async () => {
      before = sent;
      await wait(100);
      sent = await statOf(own, "total_net_output_bytes");
      return sent - before < 100_000 && sent > 1_000_000; // what it says to redis-cli
    });
    expect(sent).toBeLessThan(60_000_000);
    client.socket.resume();
    await until("it has everything", () => client.pieces.at(-1)?.endsWith("end\r\n") === true);
    expect(client.received.length).toBe("$100000003\r\n".length + 100_000_003 + 2);
  });

  test("counts its connections", async () => {
    const proxy = await startedProxy();
    const [first] = [await connected(proxy), await connected(proxy)];
    expect([proxy.accepted, proxy.open]).toEqual([2, 2]);
    first.socket.destroy();
    await until("one has gone", () => proxy.open === 1);
    expect(proxy.accepted).toBe(2);
  });

  test("resets every connection on disconnect, and accepts new ones", async () => {
    const proxy = await startedProxy();
    const clients = [await connected(proxy), await connected(proxy)];
    proxy.disconnect();
    expect(await Promise.all(clients.map(({ ended }) => ended))).toEqual([
      "ECONNRESET",
      "ECONNRESET",
    ]);
    expect(proxy.open).toBe(0);
    await connected(proxy);
  });

  test("is gone once it was stopped, however often", async () => {
    const own = await startedRedis();
    const proxy = await startedProxy(own);
    const client = await connected(proxy);
    proxy.inject({ kind: "latency", ms: 60_000 });
    client.send("PING");
    await Promise.all([proxy.stop(), proxy.stop()]);
    await proxy.stop();
    expect(await client.ended).toBe("ECONNRESET");
    expect(await new Client(proxy.port).ended).toBe("ECONNREFUSED");
    expect(proxy.open).toBe(0);
    await until("the server is left", async () => (await connectionsOf(own)) === 0);
  });

  test("lets a program end by itself that has stopped it", async () => {
    const ending = await runProgram(
      `import { once } from "node:events";
       import { connect } from "node:net";
       import { startFaultProxy } from "cachewell/testing";
       const proxy = await startFaultProxy({ port: Number(process.env.PORT) });
       const client = connect(proxy.port, "127.0.0.1").on("error", () => {});
       client.write("PING\\r\\n");
       await once(client, "data");
       proxy.inject({ kind: "drip", bytes: 1, everyMs: 60_000 });
       client.write("PING\\r\\n");
       await once(client, "data");
       await proxy.stop();
       console.log("stopped");`,
      { env: { PORT: `${server.port}` } },
    );
    expect(ending).toMatchObject({ exitCode: 0, stdout: "stopped\n", stderr: "" });
  });
});

describe("the fault latency", () => {
  test("lets each reply come that much later", async () => {
    const proxy = await startedProxy();
    const client = await connected(proxy);
    proxy.inject({ kind: "latency", ms: 120 });
    const startedMs = performance.now();
    client.send("PING");
    await expectReceived(client, "+PONG\r\n");
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(120);
  });

  test("delays replies side by side, not one after the other", async () => {
    const proxy = await startedProxy();
    const client = await connected(proxy);
    proxy.inject({ kind: "latency", ms: 300 });
    const startedMs = performance.now();
    for (let turn = 0; turn < 10; turn++) {
      client.send("PING");
      await wait(5);
    }
    await expectReceived(client, "+PONG\r\n".repeat(10));
    expect(performance.now() - startedMs).toBeLessThan(300 * 5);
  });

  test("keeps the order of replies, whatever the jitter", async () => {
    const proxy = await startedProxy();
    const client = await connected(proxy);
    proxy.inject({ kind: "latency", ms: 0, jitterMs: 50 });
    for (let turn = 0; turn < 30; turn++) {
      client.send("INCR count");
      await wait(1);
    }
    await expectReceived(
      client,
      Array.from({ length: 30 }, (_none, index) => `:${index + 1}\r\n`).join(""),
    );
  });

  test("lets go of what it holds once it is over", async () => {
    const proxy = await startedProxy();
    const client = await connected(proxy);
    proxy.inject({ kind: "latency", ms: 60_000 });
    client.send("INCR count");
    await until("it is done", async () => (await server.cli("GET", "count")) === "1");
    expect(client.received).toBe("");
    proxy.heal();
    await expectReceived(client, ":1\r\n");
  });
});

describe("the fault blackhole", () => {
  test("lets nothing pass either way, and tells nobody", async () => {
    const proxy = await startedProxy();
    const client = await connected(proxy);
    proxy.inject({ kind: "blackhole" });
    client.send("INCR count");
    await wait(silenceMs);
    expect(await server.cli("EXISTS", "count")).toBe("0");
    expect(client.received).toBe("");
    expect(proxy.open).toBe(1);
  });

  test("swallows the reply that was on its way", async () => {
    const proxy = await startedProxy();
    const client = await connected(proxy);
    proxy.inject({ kind: "latency", ms: 60_000 });
    client.send("INCR count");
    await until("it is done", async () => (await server.cli("GET", "count")) === "1");
    await wait(silenceMs);
    proxy.inject({ kind: "blackhole" });
    proxy.heal();
    client.send("INCR count");
    await wait(silenceMs);
    expect(client.received).toBe("");
    expect(await server.cli("GET", "count")).toBe("1");
  });

  test("accepts new connections, which stay silent for good", async () => {
    const proxy = await startedProxy();
    proxy.inject({ kind: "blackhole" });
    const before = await statOf(server, "total_connections_received");
    const client = new Client(proxy.port).send("PING");
    await once(client.socket, "connect");
    await until("it is accepted", () => proxy.accepted === 1);
    expect((await statOf(server, "total_connections_received")) - before).toBe(1); // redis-cli's
    proxy.heal();
    client.send("PING");
    await connected(proxy);
    await wait(silenceMs);
    expect(client.received).toBe("");
  });

  test("leaves a connection of use from which nothing vanished", async () => {
    const proxy = await startedProxy();
    const [idle, busy] = [await connected(proxy), await connected(proxy)];
    proxy.inject({ kind: "blackhole" });
    busy.send("PING");
    await wait(silenceMs);
    proxy.heal();
    for (const client of [idle, busy]) client.send("PING");
    await expectReceived(idle, "+PONG\r\n");
    await wait(silenceMs);
    expect(busy.received).toBe("");
  });

  test("keeps from the server that the client has gone, until it is over", async () => {
    const own = await startedRedis();
    const proxy = await startedProxy(own);
    const client = await connected(proxy);
    proxy.inject({ kind: "blackhole" });
    client.socket.destroy();
    await until("it has gone", () => proxy.open === 0);
    await wait(silenceMs);
    expect(await connectionsOf(own)).toBe(1);
    proxy.heal();
    await until("the server knows", async () => (await connectionsOf(own)) === 0);
  });

  test("keeps from the client that the server has gone, until it is over", async () => {
    const own = await startedRedis();
    const proxy = await startedProxy(own);
    const client = await connected(proxy);
    proxy.inject({ kind: "blackhole" });
    await own.kill();
    expect(await Promise.race([client.ended, wait(silenceMs, "silence")])).toBe("silence");
    proxy.heal();
    expect(await client.ended).toMatch(/FIN|ECONNRESET/);
  });
});

describe("the fault half-open", () => {
  test("lets requests be done, and loses their replies", async () => {
    const proxy = await startedProxy();
    const client = await connected(proxy);
    proxy.inject({ kind: "half-open" });
    client.send("INCR count");
    await until("it is done", async () => (await server.cli("GET", "count")) === "1");
    client.send("INCR count");
    await until("it is done again", async () => (await server.cli("GET", "count")) === "2");
    await wait(silenceMs);
    expect(client.received).toBe("");
    expect(proxy.open).toBe(1);
  });

  test("leaves a connection silent from which a reply was lost", async () => {
    const proxy = await startedProxy();
    const client = await connected(proxy);
    proxy.inject({ kind: "half-open" });
    client.send("INCR count");
    await until("it is done", async () => (await server.cli("GET", "count")) === "1");
    await wait(silenceMs);
    proxy.heal();
    client.send("INCR count");
    await connected(proxy);
    await wait(silenceMs);
    expect(client.received).toBe("");
    expect(await server.cli("GET", "count")).toBe("1");
  });

  test("counts for connections that come", async () => {
    const proxy = await startedProxy();
    proxy.inject({ kind: "half-open" });
    const client = new Client(proxy.port).send("INCR count");
    await until("it is done", async () => (await server.cli("GET", "count")) === "1");
    await wait(silenceMs);
    expect(client.received).toBe("");
  });
});

describe("the fault refuse", () => {
  test("resets new connections at once, and lets those there are go on", async () => {
    const proxy = await startedProxy();
    const client = await connected(proxy);
    proxy.inject({ kind: "refuse" });
    expect(await new Client(proxy.port).ended).toBe("ECONNRESET");
    client.send("PING");
    await expectReceived(client, "+PONG\r\n");
    expect([proxy.accepted, proxy.open]).toEqual([2, 1]);
    proxy.heal();
    await connected(proxy);
  });
});

describe("the fault reset", () => {
  test("resets a connection in place of its next reply, after the request was done", async () => {
    const proxy = await startedProxy();
    const [client, idle] = [await connected(proxy), await connected(proxy)];
    proxy.inject({ kind: "reset" });
    client.send("INCR count");
    expect(await client.ended).toBe("ECONNRESET");
    expect(client.received).toBe("");
    expect(await server.cli("GET", "count")).toBe("1");
    expect(proxy.open).toBe(1);
    proxy.heal();
    idle.send("PING");
    await expectReceived(idle, "+PONG\r\n");
  });
});

describe("the fault cut", () => {
  test("closes a connection after so many bytes of replies", async () => {
    const proxy = await startedProxy();
    const clients = [await connected(proxy), await connected(proxy)];
    proxy.inject({ kind: "cut", afterBytes: 10 });
    for (const client of clients) {
      client.send("PING");
      await expectReceived(client, "+PONG\r\n");
      client.send("PING");
      expect(await client.ended).toBe("FIN");
      expect(client.received).toBe("+PONG\r\n+PO");
    }
  });

  test("closes as soon as the last of them has passed", async () => {
    const proxy = await startedProxy();
    proxy.inject({ kind: "cut", afterBytes: 7 });
    const client = new Client(proxy.port).send("PING");
    expect(await client.ended).toBe("FIN");
    expect(client.received).toBe("+PONG\r\n");
  });

  test("closes in place of the next reply with 0 bytes", async () => {
    const proxy = await startedProxy();
    const client = await connected(proxy);
    proxy.inject({ kind: "cut", afterBytes: 0 });
    client.send("PING");
    expect(await client.ended).toBe("FIN");
    expect(client.received).toBe("");
  });
});

describe("the fault garbage", () => {
  test("replaces the next reply of each connection, once", async () => {
    const proxy = await startedProxy();
    const clients = [await connected(proxy), await connected(proxy)];
    proxy.inject({ kind: "garbage", bytes: Buffer.from("$nonsense\r\n") });
    for (const client of clients) {
      client.send("PING");
      await expectReceived(client, "$nonsense\r\n");
      client.send("PING");
      await expectReceived(client, "$nonsense\r\n+PONG\r\n");
    }
  });

  test("is by default a line that is no RESP", async () => {
    const proxy = await startedProxy();
    proxy.inject({ kind: "garbage" });
    const client = new Client(proxy.port).send("PING");
    await until("it receives something", () => client.received !== "");
    expect(client.received).toMatch(/^[^-+:$*_#,(!=%~>|].*\r\n$/);
  });
});

describe("the fault drip", () => {
  test("lets replies trickle, a few bytes at a time", async () => {
    const proxy = await startedProxy();
    const client = await connected(proxy);
    proxy.inject({ kind: "drip", bytes: 3, everyMs: 40 });
    const startedMs = performance.now();
    client.send("PING");
    await expectReceived(client, "+PONG\r\n");
    expect(client.pieces).toEqual(["+PO", "NG\r", "\n"]);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(2 * 40);
  });

  test("lets go of the rest once it is over", async () => {
    const proxy = await startedProxy();
    const client = await connected(proxy);
    proxy.inject({ kind: "drip", bytes: 1, everyMs: 60_000 });
    client.send("PING");
    await expectReceived(client, "+");
    proxy.heal();
    await expectReceived(client, "+PONG\r\n");
  });
});

describe("what cannot be meant is refused", () => {
  test.each<[unknown, string]>([
    [{ kind: "slow" }, "kind must be one of pass, latency, "],
    [{ kind: "toString" }, "kind must be one of pass, latency, "],
    [{}, "got undefined"],
    [{ kind: "latency" }, 'ms of the fault "latency" must be a whole number of at least 0'],
    [{ kind: "latency", ms: -1 }, "of at least 0, got -1"],
    [{ kind: "latency", ms: 1, jitterMs: -1 }, 'jitterMs of the fault "latency"'],
    [{ kind: "latency", ms: Number.NaN }, "got NaN"],
    [{ kind: "cut", afterBytes: -1 }, 'afterBytes of the fault "cut"'],
    [{ kind: "cut", afterBytes: 1.5 }, "got 1.5"],
    [{ kind: "drip", bytes: 0, everyMs: 1 }, "of at least 1, got 0"],
    [{ kind: "drip", bytes: 1, everyMs: "1" }, "got a string"],
    [{ kind: "garbage", bytes: "text" }, "must be a Uint8Array"],
  ])("as a fault: %o", async (fault, message) => {
    const proxy = await startedProxy();
    const inject = (): void => proxy.inject(fault as Fault); // as from JavaScript
    expect(inject).toThrow(TypeError);
    expect(inject).toThrow(message);
    expect(proxy.fault).toEqual({ kind: "pass" });
  });

  test.each([{}, { port: 0 }, { port: -1 }, { port: 65_536 }, { socketPath: 7 }])(
    "as a target: %o",
    async (target) => {
      const start = startFaultProxy(target as FaultProxyTarget); // as from JavaScript
      await expect(start).rejects.toThrow(TypeError);
    },
  );
});
