import { setTimeout as wait } from "node:timers/promises";

/** Runs a command on the server, and returns the reply as text. */
export type RunCommand = (...args: readonly string[]) => Promise<string>;

/** The setting after how many milliseconds of a script the server replies BUSY. Redis 7 keeps it as an alias. */
const patience = "lua-time-limit";
const pollEveryMs = 5;

/** Loops until the time is over. It writes nothing, so SCRIPT KILL can end it. */
const spin = `
  local function now()
    local time = redis.call("TIME")
    return time[1] * 1000 + time[2] / 1000
  end
  local over = now() + ARGV[1]
  repeat until now() >= over
  return "over"`;

/** A running script, during which the server replies BUSY to every other command. */
export class BusyScript {
  readonly #run: RunCommand;
  readonly #ended: Promise<void>;
  #isOver = false;

  private constructor(run: RunCommand, ended: Promise<void>) {
    this.#run = run;
    this.#ended = ended.then(() => {
      this.#isOver = true;
    });
  }

  /**
   * Starts a script of `ms` milliseconds. Resolves at the first BUSY reply to another command.
   *
   * @throws Error if the server rejects the script, or finishes it before the first BUSY reply
   */
  static async start(run: RunCommand, ms: number): Promise<BusyScript> {
    const usual = await shortenPatience(run);
    const script = new BusyScript(run, runToItsEnd(run, ms, usual));
    while (!script.#isOver) {
      if ((await run("PING")).startsWith("BUSY")) return script;
      await wait(pollEveryMs);
    }
    throw new Error(`The server never replied BUSY: keep it busy for longer than ${ms} ms.`);
  }

  /** Ends the script if it still runs. Resolves when the server replies again. */
  async end(): Promise<void> {
    if (this.#isOver) return;
    await this.#run("SCRIPT", "KILL"); // replies NOTBUSY if the script has just ended
    await this.#ended;
  }
}

/** Makes the server reply BUSY after 1 ms. Returns the previous setting. */
async function shortenPatience(run: RunCommand): Promise<string> {
  const [, usual = ""] = (await run("CONFIG", "GET", patience)).split("\n");
  await requireOk(run, "CONFIG", "SET", patience, "1");
  return usual;
}

/** Never rejects: a server that ends meanwhile is no longer busy. */
async function runToItsEnd(run: RunCommand, ms: number, usual: string): Promise<void> {
  try {
    await run("EVAL", spin, "0", `${ms}`);
    await run("CONFIG", "SET", patience, usual);
  } catch {
    // The server has ended, and its settings with it.
  }
}

/** @throws Error with the reply, unless it is "OK" */
export async function requireOk(run: RunCommand, ...command: readonly string[]): Promise<void> {
  const answer = await run(...command);
  if (answer !== "OK") throw new Error(`${command.join(" ")} failed: ${answer}`);
}
