import { once } from "node:events";
import { connect } from "node:net";

/** @import { Socket } from "node:net" */

/** @typedef {{ head: string, body: string }} Answer the status line and headers, and the body */

/**
 * One keep-alive connection, one request at a time. It reads answers with a content length only: so
 * little work that the load never waits for its generator.
 */
export class HttpConnection {
  #socket;
  #received = "";
  /** @type {((answer: Answer) => void) | undefined} */
  #resolve;
  /** @type {((error: Error) => void) | undefined} */
  #reject;

  /** @param {Socket} socket */
  constructor(socket) {
    this.#socket = socket.setEncoding("latin1");
    socket.on("data", (text) => this.#take(String(text)));
    socket.on("error", (error) => this.#reject?.(error));
    socket.on("close", () => this.#reject?.(new Error("the application hung up")));
  }

  /** @param {number} port */
  static async open(port) {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    return new HttpConnection(socket);
  }

  /**
   * Sends the text of a request. Resolves with the answer.
   *
   * @param {string} request
   * @returns {Promise<Answer>}
   */
  ask(request) {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#socket.write(request, "latin1");
    });
  }

  close() {
    this.#reject = undefined;
    this.#socket.destroy();
  }

  /** @param {string} text */
  #take(text) {
    this.#received += text;
    const headEnd = this.#received.indexOf("\r\n\r\n");
    if (headEnd === -1) return;
    const head = this.#received.slice(0, headEnd);
    const [, length] = /\r\ncontent-length: (\d+)/i.exec(head) ?? [];
    if (length === undefined) return this.#reject?.(new Error(`an answer without length: ${head}`));
    const body = this.#received.slice(headEnd + 4);
    if (body.length < Number(length)) return;
    this.#received = "";
    this.#resolve?.({ head, body });
  }
}
