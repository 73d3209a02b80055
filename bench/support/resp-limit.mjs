import { once } from "node:events";
import { connect } from "node:net";

const lineEnd = "\r\n";

/**
 * As little of a Redis client as answers a call: for the upper bound alone. What is asked within a
 * tick leaves in one write. It knows simple and bulk replies, takes all text for ASCII, and has no
 * deadline, no bound, and no second connection.
 */
export class RespLimit {
  #socket;
  #asked = [];
  #next = 0;
  #outgoing = "";
  #received = "";

  /** Connects to the server and the database of a URL. */
  static async connect(url) {
    const { hostname, port, pathname } = new URL(url);
    const client = new RespLimit();
    client.#socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(client.#socket, "connect");
    client.#socket.setEncoding("latin1");
    client.#socket.on("data", (text) => client.#take(text));
    await client.send(["SELECT", pathname.slice(1) || "0"]);
    return client;
  }

  /** Resolves with the text of the answer, or `null`. */
  send(words) {
    if (this.#outgoing === "") process.nextTick(() => this.#flush());
    let request = `*${words.length}${lineEnd}`;
    for (const word of words) request += `$${word.length}${lineEnd}${word}${lineEnd}`;
    this.#outgoing += request;
    return new Promise((resolve, reject) => this.#asked.push({ resolve, reject }));
  }

  close() {
    this.#socket.destroy();
  }

  #flush() {
    this.#socket.write(this.#outgoing, "latin1");
    this.#outgoing = "";
  }

  #take(text) {
    const received = this.#received + text;
    let from = 0;
    for (let end = 0; end !== -1; ) {
      end = this.#answerOne(received, from);
      if (end !== -1) from = end;
    }
    this.#received = received.slice(from);
    this.#asked.splice(0, this.#next);
    this.#next = 0;
  }

  /** Hands out the reply that begins at `from`. Returns where it ends, or -1 when it is not all there. */
  #answerOne(received, from) {
    const headEnd = received.indexOf(lineEnd, from);
    if (headEnd === -1) return -1;
    const head = received.slice(from + 1, headEnd);
    const start = headEnd + lineEnd.length;
    if (received[from] !== "$") return this.#settle(received[from], head, start);
    if (head === "-1") return this.#settle("$", null, start);
    const end = start + Number(head);
    if (received.length < end + lineEnd.length) return -1;
    return this.#settle("$", received.slice(start, end), end + lineEnd.length);
  }

  #settle(type, text, end) {
    const { resolve, reject } = this.#asked[this.#next++];
    if (type === "-") reject(new Error(text));
    else resolve(text);
    return end;
  }
}
