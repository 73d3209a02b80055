import { once } from "node:events";
import { createConnection } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

const tryEveryMs = 2;

/**
 * A connection of the bench's own to a server's unix socket: for questions that cost next to
 * nothing, in a process that is being measured beside.
 */
export class ServerLine {
  #socket;
  #received = "";

  constructor(socket) {
    this.#socket = socket.setEncoding("utf8").on("error", () => {});
    socket.on("data", (text) => {
      this.#received += text;
    });
  }

  /** Resolves with a line to the server as soon as there is one that answers a PING. */
  static async whenReady(socketPath, withinMs = 10_000) {
    const untilMs = performance.now() + withinMs;
    while (performance.now() < untilMs) {
      const line = await tryLine(socketPath);
      if (line) return line;
      await wait(tryEveryMs);
    }
    throw new Error(`The server did not answer within ${withinMs} ms.`);
  }

  /** Sends a command of plain words. Returns the answer as text, which ends with `end`. */
  async ask(command, end) {
    this.#received = "";
    this.#socket.write(`${command}\r\n`);
    while (!this.#received.endsWith(end)) await once(this.#socket, "data");
    return this.#received;
  }

  /** Returns how many connections the server has accepted since it started, this one included. */
  async connectionsReceived() {
    const answer = await this.ask("INFO stats", "\r\n\r\n");
    return Number(/total_connections_received:(\d+)/.exec(answer)?.[1]);
  }

  close() {
    this.#socket.destroy();
  }
}

async function tryLine(socketPath) {
  const socket = createConnection(socketPath);
  try {
    await once(socket, "connect");
    const line = new ServerLine(socket);
    if ((await line.ask("PING", "\r\n")) === "+PONG\r\n") return line;
  } catch {
    // It does not listen yet.
  }
  socket.destroy();
  return undefined;
}
