import { setTimeout as wait } from "node:timers/promises";

/** Runs a command on the server. Returns the answer as text. */
export type RunCommand = (...args: readonly string[]) => Promise<string>;

/** After how many milliseconds of a script a server says BUSY; 7.0 has another name for it too. */
const patience = "lua-time-limit";
const pollEveryMs = 5;

/** Reads the clock until it is time. It writes nothing, so that SCRIPT KILL may end it. */
const spin = `
  local function now()
    local time = redis.call("TIME")
    return time[1] * 1000 + time[2] / 1000
  end
  local over = now() + ARGV[1]
  repeat until now() >= over
  return "over"`;

/** A script that keeps a server from answering anything but BUSY. */
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
   * Runs the script for `ms` milliseconds. Resolves as soon as the server says BUSY to others.
   *
   * @throws Error when the server refuses, or was through before it said BUSY to anybody
   */
  static async start(run: RunCommand, ms: number): Promise<BusyScript> {
    const usual = await shortenPatience(run);
    const script = new BusyScript(run, runToItsEnd(run, ms, usual));
    while (!script.#isOver) {
      if ((await run("PING")).startsWith("BUSY")) return script;
      await wait(pollEveryMs);
    }
    throw new Error(`The server was not seen busy: make it so for longer than ${ms} ms.`);
  }

  /** Ends the script, if it has not ended by itself. Resolves when the server answers again. */
  async end(): Promise<void> {
    if (this.#isOver) return;
    await this.#run("SCRIPT", "KILL"); // "NOTBUSY" where it has just ended
    await this.#ended;
  }
}

/** Makes the server say BUSY at once. Returns what it was set to before. */
async function shortenPatience(run: RunCommand): Promise<string> {
  const [, usual = ""] = (await run("CONFIG", "GET", patience)).split("\n");
  await requireOk(run, "CONFIG", "SET", patience, "1");
  return usual;
}

/** Never rejects: a server that goes away meanwhile is not busy any more. */
async function runToItsEnd(run: RunCommand, ms: number, usual: string): Promise<void> {
  try {
    await run("EVAL", spin, "0", `${ms}`);
    await run("CONFIG", "SET", patience, usual);
  } catch {
    // Its settings went with it.
  }
}

/** @throws Error with the server's answer where that is not "OK" */
export async function requireOk(run: RunCommand, ...command: readonly string[]): Promise<void> {
  const answer = await run(...command);
  if (answer !== "OK") throw new Error(`${command.join(" ")} was refused: ${answer}`);
}
