import { once } from "node:events";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import {
  type RedisServer,
  type RedisServerOptions,
  startRedisServer,
} from "../../src/testing/redis-server.ts";
import { runProgram } from "../support/program.ts";
import { createTlsCertificates, type TlsCertificates } from "../support/tls-certificates.ts";
import { until } from "../support/until.ts";

async function ping(socket: Socket): Promise<string> {
  socket.write("PING\r\n");
  const [answer] = await once(socket, "data");
  socket.destroy();
  return String(answer);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("the launcher of test servers", () => {
  const servers: RedisServer[] = [];
  let directory = "";
  let certificates: TlsCertificates;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "cachewell-tls-"));
    certificates = await createTlsCertificates(directory);
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  afterAll(async () => {
    await rm(directory, { recursive: true });
  });

  async function start(options?: RedisServerOptions): Promise<RedisServer> {
    const server = await startRedisServer(options);
    servers.push(server);
    return server;
  }

  test("it listens on TCP", async () => {
    const server = await start();
    expect(server.url(3)).toBe(`redis://127.0.0.1:${server.port}/3`);
    expect(await ping(connect(server.port, "127.0.0.1"))).toBe("+PONG\r\n");
  });

  test("it listens on a unix socket alone", async () => {
    const server = await start({ tcp: false });
    expect(server.port).toBe(0);
    expect(server.url()).toBe(`unix://${server.socketPath}?db=0`);
    expect(await server.cli("PING")).toBe("PONG");
  });

  test.each([true, false])("it listens with TLS, client certificates: %s", async (asked) => {
    const server = await start({ tcp: false, tls: { certificates, clientCertificates: asked } });
    expect(server.url()).toBe(`rediss://127.0.0.1:${server.tlsPort}/0`);
    const [cert, key] = await Promise.all([
      readFile(certificates.certFile),
      readFile(certificates.keyFile),
    ]);
    const identity = { ca: certificates.ca, cert, key };
    const socket = connectTls({ host: "127.0.0.1", port: server.tlsPort, ...identity });
    expect(await ping(socket)).toBe("+PONG\r\n");
  });

  test("it is up although it asks for a password", async () => {
    const server = await start({ args: ["--requirepass", "secret"] });
    expect(await server.cli("--no-auth-warning", "-a", "secret", "PING")).toBe("PONG");
  });

  test("nothing of a stopped server is left", async () => {
    const server = await start();
    await server.stop();
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
    await expect(stat(dirname(server.socketPath))).rejects.toThrow("ENOENT");
  });

  test("a server that was stopped comes back no more", async () => {
    const server = await start();
    await server.stop();
    await expect(server.restart()).rejects.toThrow("cannot restart");
  });

  test("a server comes back on the port of another", async () => {
    const first = await start();
    await first.stop();
    const second = await start({ port: first.port });
    expect(second.port).toBe(first.port);
  });

  test("a port that is taken is refused", async () => {
    const { port } = await start();
    await expect(startRedisServer({ port })).rejects.toThrow(`Port ${port} is taken.`);
  });

  test("a frozen server answers nothing until it thaws", async () => {
    const server = await start();
    const socket = connect(server.port, "127.0.0.1");
    server.freeze();
    const answer = ping(socket);
    expect(await Promise.race([answer, wait(100, "silence")])).toBe("silence");
    server.thaw();
    expect(await answer).toBe("+PONG\r\n");
    server.thaw(); // does nothing more
  });

  test("a server that does not run cannot be frozen", async () => {
    const server = await start();
    await server.kill();
    server.thaw();
    expect(() => server.freeze()).toThrow("does not run");
  });

  test.each(["stop", "kill", "restart"] as const)("a frozen server obeys %s", async (end) => {
    const server = await start();
    const { pid } = server;
    server.freeze();
    await server[end]();
    expect(isAlive(pid)).toBe(false);
  });

  test("a killed server is gone, and its place is kept", async () => {
    const server = await start();
    await server.kill();
    await server.kill();
    expect(isAlive(server.pid)).toBe(false);
    await expect(server.cli("PING")).rejects.toThrow("Could not connect");
    expect((await stat(dirname(server.socketPath))).isDirectory()).toBe(true);
  });

  test("a killed server comes back empty, at the same place, with the same arguments", async () => {
    const server = await start({ args: ["--databases", "3"], tls: { certificates } });
    const { pid, port, tlsPort, socketPath } = server;
    await server.cli("SET", "key", "1");
    await server.cli("CONFIG", "SET", "timeout", "7");
    await server.kill();
    await server.restart();
    expect(server.pid).not.toBe(pid);
    expect(server).toMatchObject({ port, tlsPort, socketPath });
    expect(await ping(connect(port, "127.0.0.1"))).toBe("+PONG\r\n");
    expect(await server.cli("CONFIG", "GET", "databases")).toBe("databases\n3");
    expect(await server.cli("CONFIG", "GET", "timeout")).toBe("timeout\n0");
    expect(await server.cli("DBSIZE")).toBe("0");
  });

  test("a server that runs is restarted in one step, time and again", async () => {
    const server = await start();
    const pids = new Set([server.pid]);
    for (let round = 0; round < 3; round++) {
      await server.restart();
      pids.add(server.pid);
    }
    expect(pids.size).toBe(4);
    expect(await server.cli("PING")).toBe("PONG");
  });

  test("a server that was restarted is stopped as any other", async () => {
    const server = await start();
    await server.restart();
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
    await expect(stat(dirname(server.socketPath))).rejects.toThrow("ENOENT");
  });

  test("a program that ends leaves no server behind, one that was restarted neither", async () => {
    const { stdout } = await runProgram(
      `import { startRedisServer } from "cachewell/testing";
       const server = await startRedisServer();
       await server.restart();
       console.log(JSON.stringify([server.pid, server.socketPath]));
       process.exit();`,
    );
    const [pid, socketPath] = JSON.parse(stdout) as [number, string];
    await until("it is gone", () => !isAlive(pid));
    await expect(stat(dirname(socketPath))).rejects.toThrow("ENOENT");
  });

  test("what its arguments make it keep is there after a restart", async () => {
    const server = await start({ args: ["--appendonly", "yes", "--appendfsync", "always"] });
    await server.cli("SET", "key", "1");
    await server.restart();
    expect(await server.cli("GET", "key")).toBe("1");
  });

  test("a busy server says so to everybody, and stops by itself", async () => {
    const server = await start();
    const patience = await server.cli("CONFIG", "GET", "lua-time-limit");
    await server.busy(300);
    expect(await server.cli("GET", "key")).toMatch(/^BUSY /);
    await until("it is over", async () => (await server.cli("PING")) === "PONG");
    await server.endBusy();
    expect(await server.cli("CONFIG", "GET", "lua-time-limit")).toBe(patience);
  });

  test("a busy server is relieved before its time", async () => {
    const server = await start();
    const patience = await server.cli("CONFIG", "GET", "lua-time-limit");
    await server.busy(600_000);
    await server.endBusy();
    expect(await server.cli("CONFIG", "GET", "lua-time-limit")).toBe(patience);
    await server.busy(600_000); // and may be made so again
    expect(await server.cli("SCRIPT", "KILL")).toBe("OK");
    await until("it answers", async () => (await server.cli("PING")) === "PONG");
    await server.endBusy();
  });

  test.each(["stop", "kill", "restart"] as const)("a busy server obeys %s", async (end) => {
    const server = await start();
    const { pid } = server;
    await server.busy(600_000);
    await server[end]();
    expect(isAlive(pid)).toBe(false);
    await server.endBusy(); // there is nothing to end
  });

  test("a server that refuses to be busy or limited says why", async () => {
    const server = await start({ args: ["--requirepass", "secret"] });
    await expect(server.busy(100)).rejects.toThrow("NOAUTH");
    await expect(server.limitMemory(1)).rejects.toThrow("NOAUTH");
  });

  test.each([0, -1, 0.5, Number.NaN])("it is not busy for %s milliseconds", async (ms) => {
    const server = await start();
    await expect(server.busy(ms)).rejects.toThrow(TypeError);
  });

  test("a server out of memory refuses writes and serves reads, until it has room again", async () => {
    const server = await start({ args: ["--maxmemory-policy", "allkeys-lru"] });
    await server.cli("SET", "key", "1");
    await server.limitMemory(1);
    expect(await server.cli("SET", "other", "1")).toMatch(/^OOM /);
    expect(await server.cli("GET", "key")).toBe("1");
    await server.limitMemory(0);
    expect(await server.cli("SET", "other", "1")).toBe("OK");
    await expect(server.limitMemory(-1)).rejects.toThrow(TypeError);
  });

  test("a missing redis-server is an error that says what to install", async () => {
    vi.stubEnv("PATH", directory);
    await expect(startRedisServer()).rejects.toThrow("apt-get install redis-server redis-tools");
  });

  test("a server that cannot start shows its log", async () => {
    await expect(startRedisServer({ args: ["--no-such-option", "1"] })).rejects.toThrow(
      "no-such-option",
    );
  });
});
