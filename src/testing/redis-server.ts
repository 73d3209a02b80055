import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireWhole } from "../checks/require.ts";
import { BusyScript, requireOk } from "./busy-script.ts";
import { type RedisPlace, RedisProcess, runRedisCli } from "./redis-process.ts";

/** How a server for tests listens. It always listens on a unix socket too. */
export interface RedisServerOptions {
  /**
   * Listens on 127.0.0.1.
   *
   * @default true
   */
  readonly tcp?: boolean;

  /**
   * The port.
   *
   * @default a free one
   */
  readonly port?: number;

  /** Listens on a second port of 127.0.0.1, with TLS. */
  readonly tls?: {
    /** PEM files: the authority that signs clients' certificates, the server's certificate, and its key. */
    readonly certificates: {
      readonly caFile: string;
      readonly certFile: string;
      readonly keyFile: string;
    };
    /**
     * Rejects clients without a certificate of that authority.
     *
     * @default false
     */
    readonly clientCertificates?: boolean;
  };

  /** More arguments for redis-server, as in `["--maxmemory", "1mb"]`. */
  readonly args?: readonly string[];
}

/**
 * A redis-server for tests: loopback only, without persistence, in a temporary directory.
 *
 * Port, socket and arguments stay the same through `kill` and `restart`. When this process exits,
 * it kills the server and removes its directory.
 */
export interface RedisServer {
  /** The process id; after `kill` and `stop`, the id of the ended process. */
  readonly pid: number;
  /** The TCP port; 0 without TCP. */
  readonly port: number;
  /** The TLS port; 0 without TLS. */
  readonly tlsPort: number;
  readonly socketPath: string;

  /** Returns the location of a database: over TLS if the server has it, else TCP, else the unix socket. */
  url(db?: number): string;

  /** Runs redis-cli over the unix socket, and returns its output without the line end. */
  cli(...args: readonly string[]): Promise<string>;

  /**
   * Suspends the process: connections stay open, the system accepts new ones, and the server replies
   * to nobody, `cli` included.
   */
  freeze(): void;

  /** Resumes a frozen process, which then replies to the commands that arrived meanwhile. */
  thaw(): void;

  /** Kills the process, even a frozen one. Resolves when it has ended. Keeps directory and port for `restart`. */
  kill(): Promise<void>;

  /**
   * Kills the process if it runs, and starts another with the same port, socket and `args`. Resolves
   * when the new one replies. Loses all keys, and all settings made at run time.
   */
  restart(): Promise<void>;

  /**
   * Runs a script for `ms` milliseconds, during which the server replies BUSY to every client.
   * Resolves at the first BUSY reply. The script only reads, so SCRIPT KILL can end it.
   *
   * @throws Error if the server needs a password or is already busy, or if `ms` is so short that the
   * script ends before the first BUSY reply
   */
  busy(ms: number): Promise<void>;

  /** Ends the script of `busy`. Resolves when the server replies again. */
  endBusy(): Promise<void>;

  /** Makes the server reject writes with OOM once it uses `bytes` of memory; it evicts nothing. 0 lifts the limit. */
  limitMemory(bytes: number): Promise<void>;

  /** Ends the server, even a frozen one, and removes its directory. Calling it again does nothing. */
  stop(): Promise<void>;
}

interface Place extends RedisPlace {
  readonly port: number;
  readonly tlsPort: number;
}

const startAttempts = 5;

/**
 * Starts a redis-server. Resolves when it replies.
 *
 * @throws Error that says what to install if there is no redis-server, or that shows its log if it did not start
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

/** Returns a port that is free now; another process may still take it. */
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
    "--hz": "100", // its timer runs more often, so it stops at once
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
    if (!this.#process.isRunning) throw new Error("The server does not run: restart it.");
    this.#process.freeze();
  }

  thaw(): void {
    this.#process.thaw();
  }

  async kill(): Promise<void> {
    await this.#process.kill();
    this.#busy = undefined; // the script ended with its process
  }

  async restart(): Promise<void> {
    await this.kill();
    if (this.#stopped !== undefined) throw new Error("A stopped server cannot restart.");
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

  /** Kills the server when this process exits without `stop`. */
  readonly #endWithProcess = (): void => {
    this.#process.killNow();
    rmSync(this.#place.directory, { recursive: true, force: true });
  };
}
