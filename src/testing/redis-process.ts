import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";

/** The directory of a redis-server, and the unix socket on which it always listens. */
export interface RedisPlace {
  readonly directory: string;
  readonly socketPath: string;
}

const run = promisify(execFile);
const readyWithinMs = 10_000;
const pollEveryMs = 15;
const stopGraceMs = 1_000;

/** One run of redis-server, from construction until it ends. */
export class RedisProcess {
  readonly #place: RedisPlace;
  readonly #child: ChildProcess;
  readonly #log: string[] = [];
  readonly #logIsComplete: Promise<unknown>;
  #isFrozen = false;

  constructor(place: RedisPlace, args: readonly string[]) {
    this.#place = place;
    this.#child = spawn("redis-server", args, {
      cwd: place.directory,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#logIsComplete = new Promise((resolve) => this.#child.once("close", resolve));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => this.#log.push(text));
    }
  }

  /** The process id; 0 if the program could not be started. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    const { pid, exitCode, signalCode } = this.#child;
    return pid !== undefined && exitCode === null && signalCode === null;
  }

  /** Whether it ended because another program listens on its port. */
  get lostItsPort(): boolean {
    return this.#log.join("").includes("Address already in use");
  }

  /** Suspends the process if it runs. */
  freeze(): void {
    this.#isFrozen = this.#child.kill("SIGSTOP");
  }

  /** Resumes the process if it is suspended. */
  thaw(): void {
    this.#child.kill("SIGCONT");
    this.#isFrozen = false;
  }

  /** Kills the process, frozen or not, without waiting for its end. */
  killNow(): void {
    this.#child.kill("SIGKILL");
  }

  /**
   * Resolves when the server replies; otherwise ends the process and rejects.
   *
   * @throws Error that says what to install if there is no redis-server, or that shows its log
   */
  async untilItAnswers(): Promise<void> {
    try {
      if (this.#child.pid === undefined) await once(this.#child, "spawn"); // rejects with the reason
      await this.#poll();
    } catch (error) {
      await this.end();
      if (this.#child.pid !== undefined) await this.#logIsComplete;
      throw startFailure(error, this.#log.join(""));
    }
  }

  /** Ends the process: with SIGTERM, then with SIGKILL if it is frozen or does not end in time. */
  async end(): Promise<void> {
    if (!this.isRunning) return;
    const insist = setTimeout(() => this.killNow(), this.#isFrozen ? 0 : stopGraceMs);
    await this.#endedBy("SIGTERM");
    clearTimeout(insist);
  }

  /** Kills the process if it runs. Resolves when it has ended. */
  async kill(): Promise<void> {
    if (this.isRunning) await this.#endedBy("SIGKILL");
  }

  async #endedBy(signal: NodeJS.Signals): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill(signal);
    await ended;
  }

  /**
   * Any reply proves that it is ready, even an error, except LOADING. Polls the unix socket, because
   * another server may have taken the port.
   */
  async #poll(): Promise<void> {
    const deadline = performance.now() + readyWithinMs;
    while (performance.now() < deadline) {
      if (!this.isRunning) throw new Error(`It ended with code ${this.#child.exitCode}.`);
      if (await isReady(this.#place)) return;
      await wait(pollEveryMs);
    }
    throw new Error(`It did not answer within ${readyWithinMs} ms.`);
  }
}

/** Runs redis-cli over the unix socket, and returns its output without the line end. */
export async function runRedisCli(
  { socketPath }: RedisPlace,
  args: readonly string[],
): Promise<string> {
  const { stdout } = await run("redis-cli", ["-s", socketPath, ...args]);
  return stdout.trimEnd();
}

async function isReady(place: RedisPlace): Promise<boolean> {
  try {
    return !(await runRedisCli(place, ["PING"])).startsWith("LOADING");
  } catch (error) {
    if (isMissing(error)) throw error;
    return false; // not listening yet
  }
}

function startFailure(error: unknown, log: string): Error {
  if (isMissing(error)) {
    const remedy = "apt-get install redis-server redis-tools, or what your system has";
    return new Error(`This needs redis-server and redis-cli: install them (${remedy}).`, {
      cause: error,
    });
  }
  return new Error(`redis-server did not start. Its log:\n${log}`, { cause: error });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
