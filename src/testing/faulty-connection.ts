import { type NetConnectOpts, Socket } from "node:net";
import { runAfter } from "../kit/timer.ts";
import { type Chunk, type Fault, type ReplyRule, replyRuleOf, type Verdict } from "./faults.ts";
import { ReplyQueue } from "./reply-queue.ts";

/** With more than this waiting, the server has to wait too. */
const mostWaitingBytes = 16 * 2 ** 20;

/**
 * A client's connection to a fault proxy, together with the one from there to the server.
 *
 * A connection from which bytes vanished has a hole in it: once the fault that made it is over,
 * it is silent for good.
 */
export class FaultyConnection {
  /** Resolves when both halves are closed. */
  readonly closed: Promise<unknown>;
  readonly #client: Socket;
  readonly #server: Socket = new Socket({ allowHalfOpen: true });
  readonly #replies: ReplyQueue = new ReplyQueue();
  #fault: Fault;
  #rule: ReplyRule;
  #hasHole = false;
  #isSilent = false;
  #isClogged = false;
  #clientHasEnded = false;
  #serverHasEnded = false;
  #serverHasFailed = false;
  #cancelWait: () => void = () => undefined;

  /** Takes what a client has opened, and opens the half towards the server. */
  constructor(client: Socket, server: NetConnectOpts, fault: Fault) {
    this.#client = client;
    this.#fault = fault;
    this.#rule = replyRuleOf(fault);
    this.#isSilent = fault.kind === "blackhole"; // its wish to connect has vanished
    this.closed = Promise.all([closeOf(client), closeOf(this.#server)]);
    this.#listenToClient();
    this.#listenToServer();
    if (!this.#isSilent) this.#server.connect(server);
  }

  /** Whether the client is still there: it has not said that it is through. */
  get isOpen(): boolean {
    return !this.#client.destroyed && !this.#clientHasEnded;
  }

  /** Puts a fault in the place of the last one: it decides about the replies that wait, too. */
  suffer(fault: Fault): void {
    this.#isSilent ||= this.#hasHole;
    this.#fault = fault;
    this.#rule = replyRuleOf(fault);
    this.#passReplies();
    this.#tellServer();
  }

  /** Ends both halves at once, the client's by RST. */
  reset(): void {
    this.#dropServer();
    this.#client.resetAndDestroy();
  }

  #listenToClient(): void {
    this.#client
      .setNoDelay(true)
      .on("error", () => undefined) // "close" follows
      .on("data", (bytes: Uint8Array) => this.#passRequest(bytes))
      .on("drain", () => {
        this.#isClogged = false;
        this.#passReplies();
      })
      .on("end", () => {
        this.#clientHasEnded = true;
        this.#tellServer();
      })
      .on("close", () => this.#tellServer());
  }

  #listenToServer(): void {
    this.#server
      .setNoDelay(true)
      .on("error", () => undefined) // "close" follows
      .on("data", (bytes: Uint8Array) => {
        this.#replies.add(bytes);
        this.#passReplies();
      })
      .on("drain", () => this.#client.resume())
      .on("end", () => {
        this.#serverHasEnded = true;
        this.#tellClient();
      })
      .on("close", (hadError) => {
        this.#serverHasEnded = true;
        this.#serverHasFailed = hadError;
        this.#client.resume(); // or its end would never be seen
        this.#tellClient();
      });
  }

  #passRequest(bytes: Uint8Array): void {
    if (this.#isSilent || this.#fault.kind === "blackhole") {
      this.#hasHole = true;
      return;
    }
    if (this.#server.writable && !this.#server.write(bytes)) this.#client.pause();
  }

  /** Passes on what may pass now, in order, and comes back for what has to wait. */
  #passReplies(): void {
    this.#cancelWait();
    let chunk = this.#replies.oldest;
    while (chunk !== undefined && !this.#isClogged) {
      const verdict = this.#judge(chunk);
      if (verdict.act === "hold") {
        this.#cancelWait = runAfter(verdict.ms, () => this.#passReplies());
        break;
      }
      this.#carryOut(verdict, chunk);
      chunk = this.#replies.oldest;
    }
    this.#holdServerBack();
    this.#tellClient();
  }

  #judge(chunk: Chunk): Verdict {
    return this.#isSilent ? { act: "vanish" } : this.#rule(chunk, performance.now());
  }

  #carryOut(verdict: Exclude<Verdict, { readonly act: "hold" }>, { bytes }: Chunk): void {
    switch (verdict.act) {
      case "pass":
        this.#send(this.#replies.take(verdict.count));
        if (verdict.thenClose) this.#close();
        return;
      case "replace":
        this.#replies.take(bytes.length);
        this.#send(verdict.bytes);
        return;
      case "vanish":
        this.#replies.take(bytes.length);
        this.#hasHole = true;
        return;
      case "reset":
        this.reset();
    }
  }

  #send(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#isClogged = !this.#client.write(bytes);
  }

  #close(): void {
    this.#dropServer();
    this.#client.end();
  }

  #dropServer(): void {
    this.#cancelWait();
    this.#replies.clear();
    this.#server.destroy();
  }

  #holdServerBack(): void {
    const isTooMuch = this.#replies.sizeBytes > mostWaitingBytes;
    if (isTooMuch) this.#server.pause();
    else if (this.#server.isPaused()) this.#server.resume();
  }

  /** Lets the server know that the client has gone, where the fault does not keep it to itself. */
  #tellServer(): void {
    if (this.#fault.kind === "blackhole") return;
    if (this.#client.destroyed) this.#dropServer();
    else if (this.#clientHasEnded && this.#isSilent) this.reset();
    else if (this.#clientHasEnded) this.#server.end();
  }

  /** Lets the client know that the server has gone, once it has the replies, where the fault does not keep it to itself. */
  #tellClient(): void {
    if (!this.#serverHasEnded || this.#replies.oldest !== undefined) return;
    if (this.#isSilent || this.#fault.kind === "blackhole") return;
    if (this.#fault.kind === "half-open") this.#hasHole = true;
    else if (this.#serverHasFailed) this.#client.resetAndDestroy();
    else this.#client.end();
  }
}

function closeOf(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once("close", resolve));
}
