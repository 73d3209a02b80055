import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import type { TlsCertificates } from "./tls-certificates.ts";

/** How a server for tests listens, beside its unix socket, which is always there. */
export interface RedisServerOptions {
  /**
   * Listens on 127.0.0.1.
   *
   * @default true
   */
  readonly tcp?: boolean;

  /** This very port, for a server that comes back where another was. A free one otherwise. */
  readonly port?: number;

  /** Listens on 127.0.0.1 with TLS too, and asks for client certificates if told to. */
  readonly tls?: { readonly certificates: TlsCertificates; readonly clientCertificates?: boolean };

  /** More arguments of redis-server, as in `["--maxmemory", "1mb"]`. */
  readonly args?: readonly string[];
}

/** A redis-server of our own: loopback only, nothing persistent, in a directory of its own. */
export interface RedisServer {
  readonly pid: number;
  /** The TCP port; 0 where it does not listen on one. */
  readonly port: number;
  /** The TLS port; 0 where it does not listen on one. */
  readonly tlsPort: number;
  readonly socketPath: string;

  /** Returns a location: TLS where there is it, TCP else, the unix socket last. */
  url(db?: number): string;

  /** Runs redis-cli over the unix socket. Returns what it printed, without the line end. */
  cli(...args: readonly string[]): Promise<string>;

  /** Ends the server, frozen ones too, and removes its directory. Calling it again does nothing. */
  stop(): Promise<void>;
}

interface Place {
  readonly directory: string;
  readonly port: number;
  readonly tlsPort: number;
  readonly socketPath: string;
}

type Attempt = { readonly server: RedisServer } | { readonly lostPort: true };

const run = promisify(execFile);
const startAttempts = 5;
const readyWithinMs = 10_000;
const pollEveryMs = 15;
const stopGraceMs = 1_000;

/**
 * Starts a redis-server and waits until it answers.
 *
 * @throws Error that says what to install when there is no redis-server, or shows its log when it did not start
 */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  for (let attempt = 1; attempt <= startAttempts; attempt++) {
    const outcome = await tryToStart(options);
    if ("server" in outcome) return outcome.server;
    if (options.port !== undefined) throw new Error(`Port ${options.port} is taken.`);
  }
  throw new Error(`redis-server lost the race for a free port ${startAttempts} times.`);
}

async function tryToStart(options: RedisServerOptions): Promise<Attempt> {
  const place = await choosePlace(options);
  const child = spawn("redis-server", argumentsOf(options, place), {
    cwd: place.directory,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log = collect(child);
  const server = serverOver(child, place);
  try {
    await once(child, "spawn");
    await untilItAnswers(server, child);
    return { server };
  } catch (error) {
    await server.stop();
    if (log.join("").includes("Address already in use")) return { lostPort: true };
    throw startFailure(error, log.join(""));
  }
}

async function choosePlace({ tcp = true, port, tls }: RedisServerOptions): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), "cachewell-redis-"));
  return {
    directory,
    port: tcp ? (port ?? (await freePort())) : 0,
    tlsPort: tls ? await freePort() : 0,
    socketPath: join(directory, "redis.sock"),
  };
}

/** Returns a port that was free a moment ago. */
async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("The probe has no port.");
  return address.port;
}

function argumentsOf({ tls, args = [] }: RedisServerOptions, place: Place): string[] {
  const settings = {
    "--bind": "127.0.0.1",
    "--port": `${place.port}`,
    "--dir": place.directory,
    "--unixsocket": place.socketPath,
    "--save": "",
    "--appendonly": "no",
    "--hz": "100", // it looks at the clock more often, and so stops at once
    ...(tls && {
      "--tls-port": `${place.tlsPort}`,
      "--tls-ca-cert-file": tls.certificates.caFile,
      "--tls-cert-file": tls.certificates.certFile,
      "--tls-key-file": tls.certificates.keyFile,
      "--tls-auth-clients": tls.clientCertificates ? "yes" : "no",
    }),
  };
  return [...Object.entries(settings).flat(), ...args];
}

function collect(child: ChildProcess): string[] {
  const log: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => log.push(text));
  }
  return log;
}

function serverOver(child: ChildProcess, place: Place): RedisServer {
  // Whoever ends this process without stopping its servers leaves none behind.
  const endWithProcess = (): void => {
    child.kill("SIGKILL");
    rmSync(place.directory, { recursive: true, force: true });
  };
  process.once("exit", endWithProcess);
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await end(child);
    process.off("exit", endWithProcess);
    await rm(place.directory, { recursive: true, force: true });
  };
  return {
    pid: child.pid ?? 0,
    port: place.port,
    tlsPort: place.tlsPort,
    socketPath: place.socketPath,
    url: (db = 0) => urlOf(place, db),
    cli: async (...args) => {
      const { stdout } = await run("redis-cli", ["-s", place.socketPath, ...args]);
      return stdout.trimEnd();
    },
    stop: () => (stopped ??= stop()),
  };
}

function urlOf({ tlsPort, port, socketPath }: Place, db: number): string {
  if (tlsPort !== 0) return `rediss://127.0.0.1:${tlsPort}/${db}`;
  return port === 0 ? `unix://${socketPath}?db=${db}` : `redis://127.0.0.1:${port}/${db}`;
}

/**
 * Any answer will do, a refusal too, except that it is still loading. The unix socket is asked,
 * since on a port that was lost in a race another server answers.
 */
async function untilItAnswers(server: RedisServer, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + readyWithinMs;
  while (performance.now() < deadline) {
    if (hasEnded(child)) throw new Error(`redis-server ended with code ${child.exitCode}.`);
    if (await isReady(server)) return;
    await wait(pollEveryMs);
  }
  throw new Error(`redis-server did not answer within ${readyWithinMs} ms.`);
}

async function isReady(server: RedisServer): Promise<boolean> {
  try {
    return !(await server.cli("PING")).startsWith("LOADING");
  } catch (error) {
    if (isMissing(error)) throw error;
    return false; // it does not listen yet
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const insist = setTimeout(() => child.kill("SIGKILL"), stopGraceMs);
  await ended;
  clearTimeout(insist);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function startFailure(error: unknown, log: string): Error {
  if (isMissing(error)) {
    const remedy = "install it (apt-get install redis-server redis-tools, or npm run setup)";
    return new Error(`These tests need redis-server and redis-cli: ${remedy}.`, { cause: error });
  }
  return new Error(`redis-server did not start. Its log:\n${log}`, { cause: error });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
