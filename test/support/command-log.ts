import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import type { RedisServer } from "../../src/testing/redis-server.ts";
import { until } from "./until.ts";

/** A line of MONITOR about a command that came by TCP: scripts' own have "lua" there, redis-cli a socket's path. */
const byTcp = /^\+\d+\.\d+ \[\d+ 127\.0\.0\.1:\d+\] "(\w+)"/;

/** What clients send to a Redis by TCP, command by command, as the server itself sees it. */
export class CommandLog {
  readonly #server: RedisServer;
  #text = "";
  #marks = 0;

  private constructor(server: RedisServer, monitor: Socket) {
    this.#server = server;
    monitor.setEncoding("utf8").on("data", (text: string) => (this.#text += text));
  }

  /** Listens to a server until the test is over. */
  static async of(server: RedisServer): Promise<CommandLog> {
    const monitor = connect(server.socketPath);
    onTestFinished(() => void monitor.destroy());
    await once(monitor, "connect");
    const log = new CommandLog(server, monitor);
    monitor.write("MONITOR\r\n");
    await until("the log begins", () => log.#text.startsWith("+OK"));
    return log;
  }

  /** Returns the names of the commands that clients send while `task` runs, in small letters. */
  async during(task: () => Promise<unknown>): Promise<string[]> {
    const from = await this.#mark();
    await task();
    const to = await this.#mark();
    const lines = this.#text.slice(from, to).split("\n");
    return lines.flatMap((line) => byTcp.exec(line)?.[1]?.toLowerCase() ?? []);
  }

  /** Returns where the log is now: all that was answered so far is in it. */
  async #mark(): Promise<number> {
    const mark = `mark ${++this.#marks} of the log`;
    await this.#server.cli("ECHO", mark);
    await until("the log has caught up", () => this.#text.includes(mark));
    return this.#text.indexOf("\n", this.#text.indexOf(mark));
  }
}
