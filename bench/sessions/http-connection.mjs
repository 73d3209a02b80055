import { once } from "node:events";
import { connect } from "node:net";

/**
 * One keep-alive connection, one request at a time. It knows as much of HTTP as the answers here
 * need, a length in each: so little work that the load never waits for its generator.
 */
export class HttpConnection {
  #socket;
  #received = "";
  #answered;
  #failed;

  static async open(port) {
    const connection = new HttpConnection();
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    socket.setEncoding("latin1");
    socket.on("data", (text) => connection.#take(text));
    socket.on("error", (error) => connection.#failed?.(error));
    socket.on("close", () => connection.#failed?.(new Error("the application hung up")));
    connection.#socket = socket;
    return connection;
  }

  /** Sends the text of a request. Resolves with the answer's status line and headers, and its body. */
  ask(request) {
    return new Promise((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
      this.#socket.write(request, "latin1");
    });
  }

  close() {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  #take(text) {
    this.#received += text;
    const headEnd = this.#received.indexOf("\r\n\r\n");
    if (headEnd === -1) return;
    const head = this.#received.slice(0, headEnd);
    const [, length] = /\r\ncontent-length: (\d+)/i.exec(head) ?? [];
    if (length === undefined) return this.#failed(new Error(`an answer without length: ${head}`));
    const body = this.#received.slice(headEnd + 4);
    if (body.length < Number(length)) return;
    this.#received = "";
    this.#answered({ head, body });
  }
}
