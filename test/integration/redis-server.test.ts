import { once } from "node:events";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { connect as connectTls } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import {
  type RedisServer,
  type RedisServerOptions,
  startRedisServer,
} from "../support/redis-server.ts";
import { createTlsCertificates, type TlsCertificates } from "../support/tls-certificates.ts";

async function ping(socket: Socket): Promise<string> {
  socket.write("PING\r\n");
  const [answer] = await once(socket, "data");
  socket.destroy();
  return String(answer);
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
    expect(() => process.kill(server.pid, 0)).toThrow("ESRCH");
    await expect(stat(dirname(server.socketPath))).rejects.toThrow("ENOENT");
  });

  test("a frozen server is stopped too", async () => {
    const server = await start();
    process.kill(server.pid, "SIGSTOP");
    await server.stop();
    expect(() => process.kill(server.pid, 0)).toThrow("ESRCH");
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
