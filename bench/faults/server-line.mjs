import { once } from "node:events";
import { createConnection } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** @import { Socket } from "node:net" */

const tryEveryMs = 2;

/** A connection of the bench's own to a server's unix socket: a question costs this process next to nothing. */
export class ServerLine {
  #socket;
  #received = "";

  /** @param {Socket} socket */
  constructor(socket) {
    this.#socket = socket.setEncoding("utf8").on("error", () => {});
    socket.on("data", (text) => {
      this.#received += String(text);
    });
  }

  /**
   * Resolves with a line as soon as the server answers a PING.
   *
   * @param {string} socketPath
   * @param {number} [withinMs]
   */
  static async whenReady(socketPath, withinMs = 10_000) {
    const untilMs = performance.now() + withinMs;
    while (performance.now() < untilMs) {
      const line = await tryLine(socketPath);
      if (line) return line;
      await wait(tryEveryMs);
    }
    throw new Error(`The server did not answer within ${withinMs} ms.`);
  }

  /**
   * Sends a command of plain words. Resolves with the answer as text, which ends with `end`.
   *
   * @param {string} command
   * @param {string} end
   */
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

/** @param {string} socketPath */
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
