import { once } from "node:events";
import { connect } from "node:net";

/** @import { Socket } from "node:net" */

const lineEnd = "\r\n";

/**
 * The least of a Redis client that answers a call, for the upper bound alone. Commands of a tick leave
 * in one write. It reads simple and bulk replies, takes all text for ASCII, and has no deadline, no
 * bound and no second connection.
 */
export class RespLimit {
  #socket;
  /** @type {{ resolve: (text: string | null) => void, reject: (error: Error) => void }[]} */
  #pending = [];
  #next = 0;
  #outgoing = "";
  #received = "";

  /** @param {Socket} socket */
  constructor(socket) {
    this.#socket = socket.setEncoding("latin1");
    socket.on("data", (text) => this.#take(String(text)));
  }

  /**
   * Connects to the server and the database of a URL.
   *
   * @param {string} url
   */
  static async connect(url) {
    const { hostname, port, pathname } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, "connect");
    const client = new RespLimit(socket);
    await client.send(["SELECT", pathname.slice(1) || "0"]);
    return client;
  }

  /**
   * Resolves with the text of the answer, or `null`.
   *
   * @param {readonly string[]} words
   * @returns {Promise<string | null>}
   */
  send(words) {
    if (this.#outgoing === "") process.nextTick(() => this.#flush());
    let request = `*${words.length}${lineEnd}`;
    for (const word of words) request += `$${word.length}${lineEnd}${word}${lineEnd}`;
    this.#outgoing += request;
    return new Promise((resolve, reject) => this.#pending.push({ resolve, reject }));
  }

  close() {
    this.#socket.destroy();
  }

  #flush() {
    this.#socket.write(this.#outgoing, "latin1");
    this.#outgoing = "";
  }

  /** @param {string} text */
  #take(text) {
    const received = this.#received + text;
    let from = 0;
    for (let end = 0; end !== -1; ) {
      end = this.#answerOne(received, from);
      if (end !== -1) from = end;
    }
    this.#received = received.slice(from);
    this.#pending.splice(0, this.#next);
    this.#next = 0;
  }

  /**
   * Settles the reply that begins at `from`. Returns where it ends, or -1 when its rest is under way.
   *
   * @param {string} received
   * @param {number} from
   */
  #answerOne(received, from) {
    const headEnd = received.indexOf(lineEnd, from);
    if (headEnd === -1) return -1;
    const head = received.slice(from + 1, headEnd);
    const start = headEnd + lineEnd.length;
    if (received[from] === "-") return this.#settle(new Error(head), start);
    if (received[from] !== "$") return this.#settle(head, start);
    if (head === "-1") return this.#settle(null, start);
    const end = start + Number(head);
    if (received.length < end + lineEnd.length) return -1;
    return this.#settle(received.slice(start, end), end + lineEnd.length);
  }

  /**
   * @param {string | null | Error} answer
   * @param {number} end
   */
  #settle(answer, end) {
    const pending = this.#pending[this.#next++];
    if (answer instanceof Error) pending?.reject(answer);
    else pending?.resolve(answer);
    return end;
  }
}
