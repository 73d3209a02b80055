import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireWhole } from "../kit/whole-number.ts";
import { BusyScript, requireOk } from "./busy-script.ts";
import { type RedisPlace, RedisProcess, runRedisCli } from "./redis-process.ts";

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

  /** Listens on 127.0.0.1 with TLS too. */
  readonly tls?: {
    /** Files in PEM: the authority that clients are checked against, the server's certificate, and its key. */
    readonly certificates: {
      readonly caFile: string;
      readonly certFile: string;
      readonly keyFile: string;
    };
    /**
     * Lets in only clients with a certificate of that authority.
     *
     * @default false
     */
    readonly clientCertificates?: boolean;
  };

  /** More arguments of redis-server, as in `["--maxmemory", "1mb"]`. */
  readonly args?: readonly string[];
}

/**
 * A redis-server of our own: loopback only, nothing persistent, in a directory of its own.
 *
 * It stays the same server through `kill` and `restart`: same port, same socket, same arguments.
 * When this process exits, it is ended and its directory removed.
 */
export interface RedisServer {
  /** The process id; after `kill` and `stop`, that of the process which has ended. */
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

  /**
   * Suspends the process: connections stay open, new ones are still accepted by the system, and
   * nothing is answered. `cli` waits as everybody does.
   */
  freeze(): void;

  /** Lets a frozen process go on: it answers what came meanwhile. Otherwise does nothing. */
  thaw(): void;

  /** Ends the process at once, a frozen one too. Resolves when it is gone; its place is kept. */
  kill(): Promise<void>;

  /**
   * Kills the process where there is one, and starts another in its place. Resolves when that
   * answers. What was stored and configured at run time is lost; `args` count as before.
   */
  restart(): Promise<void>;

  /**
   * Occupies the server with a script for `ms` milliseconds: it answers everybody with BUSY.
   * Resolves as soon as it does. The script only reads, and SCRIPT KILL may end it.
   *
   * @throws Error when the server refuses (it asks for a password, or is busy already), or was
   * through before it said BUSY: a few milliseconds are too few
   */
  busy(ms: number): Promise<void>;

  /** Ends the script of `busy` before its time. Resolves when the server answers again. */
  endBusy(): Promise<void>;

  /** Refuses writes with OOM from so many bytes on, rather than evict. 0 lifts the limit. */
  limitMemory(bytes: number): Promise<void>;

  /** Ends the server, frozen ones too, and removes its directory. Calling it again does nothing. */
  stop(): Promise<void>;
}

interface Place extends RedisPlace {
  readonly port: number;
  readonly tlsPort: number;
}

const startAttempts = 5;

/**
 * Starts a redis-server and waits until it answers.
 *
 * @throws Error that says what to install when there is no redis-server, or shows its log when it did not start
 */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  for (let attempt = 1; attempt <= startAttempts; attempt++) {
    const server = await tryToStart(options);
    if (server !== "lost its port") return server;
    if (options.port !== undefined) throw new Error(`Port ${options.port} is taken.`);
  }
  throw new Error(`redis-server lost the race for a free port ${startAttempts} times.`);
}

async function tryToStart(options: RedisServerOptions): Promise<RedisServer | "lost its port"> {
  const place = await choosePlace(options);
  const server = new LocalRedisServer(place, argumentsOf(options, place));
  try {
    await server.untilItAnswers();
    return server;
  } catch (error) {
    await server.stop();
    if (server.lostItsPort) return "lost its port";
    throw error;
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

class LocalRedisServer implements RedisServer {
  readonly port: number;
  readonly tlsPort: number;
  readonly socketPath: string;
  readonly #place: Place;
  readonly #args: readonly string[];
  #process: RedisProcess;
  #busy: BusyScript | undefined;
  #stopped: Promise<void> | undefined;

  constructor(place: Place, args: readonly string[]) {
    this.port = place.port;
    this.tlsPort = place.tlsPort;
    this.socketPath = place.socketPath;
    this.#place = place;
    this.#args = args;
    this.#process = new RedisProcess(place, args);
    process.once("exit", this.#endWithProcess);
  }

  get pid(): number {
    return this.#process.pid;
  }

  get lostItsPort(): boolean {
    return this.#process.lostItsPort;
  }

  url(db: number = 0): string {
    const { tlsPort, port, socketPath } = this.#place;
    if (tlsPort !== 0) return `rediss://127.0.0.1:${tlsPort}/${db}`;
    return port === 0 ? `unix://${socketPath}?db=${db}` : `redis://127.0.0.1:${port}/${db}`;
  }

  readonly cli = (...args: readonly string[]): Promise<string> => runRedisCli(this.#place, args);

  untilItAnswers(): Promise<void> {
    return this.#process.untilItAnswers();
  }

  freeze(): void {
    if (!this.#process.isRunning) throw new Error("There is no process to freeze: restart it.");
    this.#process.freeze();
  }

  thaw(): void {
    this.#process.thaw();
  }

  async kill(): Promise<void> {
    await this.#process.kill();
    this.#busy = undefined; // the script went with its process
  }

  async restart(): Promise<void> {
    await this.kill();
    if (this.#stopped !== undefined) throw new Error("A server that was stopped has no place.");
    this.#process = new RedisProcess(this.#place, this.#args);
    await this.untilItAnswers();
  }

  async busy(ms: number): Promise<void> {
    this.#busy = await BusyScript.start(this.cli, requireWhole("ms", ms, 1));
  }

  async endBusy(): Promise<void> {
    await this.#busy?.end();
  }

  async limitMemory(bytes: number): Promise<void> {
    const limit = requireWhole("bytes", bytes, 0);
    await requireOk(this.cli, "CONFIG", "SET", "maxmemory-policy", "noeviction");
    await requireOk(this.cli, "CONFIG", "SET", "maxmemory", `${limit}`);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  async #end(): Promise<void> {
    await this.#process.end();
    this.#busy = undefined;
    process.off("exit", this.#endWithProcess);
    await rm(this.#place.directory, { recursive: true, force: true });
  }

  /** Whoever ends this process without stopping its servers leaves none behind. */
  readonly #endWithProcess = (): void => {
    this.#process.killNow();
    rmSync(this.#place.directory, { recursive: true, force: true });
  };
}
