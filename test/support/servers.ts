import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import {
  type RedisServer,
  type RedisServerOptions,
  startRedisServer,
} from "../../src/testing/redis-server.ts";

/** Starts a redis-server that is stopped when the test is over. */
export async function startedRedis(options?: RedisServerOptions): Promise<RedisServer> {
  const server = await startRedisServer(options);
  onTestFinished(() => server.stop());
  return server;
}

/** Counts the connections by TCP: redis-cli comes by the unix socket, and is not among them. */
export async function connectionsOf(server: RedisServer): Promise<number> {
  const clients = await server.cli("CLIENT", "LIST");
  return clients.split("\n").filter((line) => line.includes("addr=127.0.0.1:")).length;
}

/** Returns a number out of INFO, as in `statOf(server, "total_commands_processed")`. */
export async function statOf(server: RedisServer, name: string): Promise<number> {
  const report = await server.cli("INFO", "everything");
  return Number(new RegExp(`^${name}:(\\d+)`, "m").exec(report)?.[1] ?? 0);
}

/** Returns how often each command was called since `CONFIG RESETSTAT`, in small letters. */
export async function callsOf(server: RedisServer): Promise<ReadonlyMap<string, number>> {
  const report = await server.cli("INFO", "commandstats");
  const lines = report.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm);
  return new Map(Array.from(lines, ([, name = "", calls]) => [name, Number(calls)]));
}

/** Ends a server at once, without a goodbye to its clients. */
export async function killServer(server: RedisServer): Promise<void> {
  process.kill(server.pid, "SIGKILL");
  await server.stop();
}

/** Returns a port of 127.0.0.1 on which nobody listens. */
export async function closedPort(): Promise<number> {
  const probe = createServer();
  const port = await listen(probe);
  probe.close();
  await once(probe, "close");
  return port;
}

/** Starts a TCP server that `serve`s each connection, until the test is over. Returns its port. */
export async function startedTcp(serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    serve(socket);
  });
  const port = await listen(server);
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return port;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return address.port;
}
