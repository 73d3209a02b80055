import { type NetConnectOpts, Socket } from "node:net";
import { runAfter } from "../kit/timer.ts";
import { type Chunk, type Fault, type ReplyRule, replyRuleOf, type Verdict } from "./faults.ts";
import { ReplyQueue } from "./reply-queue.ts";

/** The proxy stops reading from the server while its queue is larger. */
const mostWaitingBytes = 16 * 2 ** 20;

/**
 * A client's connection to a fault proxy, together with the proxy's connection to the server.
 *
 * A connection that has lost bytes has a gap in its stream: after the fault that caused it, the
 * connection stays silent forever.
 */
export class FaultyConnection {
  /** Resolves when both connections are closed. */
  readonly closed: Promise<unknown>;
  readonly #client: Socket;
  readonly #server: Socket = new Socket({ allowHalfOpen: true });
  readonly #replies: ReplyQueue = new ReplyQueue();
  #fault: Fault;
  #rule: ReplyRule;
  #hasGap = false;
  #isSilent = false;
  #isClogged = false;
  #clientHasEnded = false;
  #serverHasEnded = false;
  #serverHasFailed = false;
  #cancelWait: () => void = () => undefined;

  /** Takes a client's connection, and opens the one to the server. */
  constructor(client: Socket, server: NetConnectOpts, fault: Fault) {
    this.#client = client;
    this.#fault = fault;
    this.#rule = replyRuleOf(fault);
    this.#isSilent = fault.kind === "blackhole"; // the server never hears of this connection
    this.closed = Promise.all([closeOf(client), closeOf(this.#server)]);
    this.#listenToClient();
    this.#listenToServer();
    if (!this.#isSilent) this.#server.connect(server);
  }

  /** Whether the client has neither ended nor destroyed its connection. */
  get isOpen(): boolean {
    return !this.#client.destroyed && !this.#clientHasEnded;
  }

  /** Replaces the fault. The new one also applies to replies in the queue. */
  applyFault(fault: Fault): void {
    this.#isSilent ||= this.#hasGap;
    this.#fault = fault;
    this.#rule = replyRuleOf(fault);
    this.#passReplies();
    this.#forwardClientEnd();
  }

  /** Destroys both connections, the client's with RST. */
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
        this.#forwardClientEnd();
      })
      .on("close", () => this.#forwardClientEnd());
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
        this.#forwardServerEnd();
      })
      .on("close", (hadError) => {
        this.#serverHasEnded = true;
        this.#serverHasFailed = hadError;
        this.#client.resume(); // a paused socket never emits "end"
        this.#forwardServerEnd();
      });
  }

  #passRequest(bytes: Uint8Array): void {
    if (this.#isSilent || this.#fault.kind === "blackhole") {
      this.#hasGap = true;
      return;
    }
    if (this.#server.writable && !this.#server.write(bytes)) this.#client.pause();
  }

  /** Forwards the replies that may pass now, in order, and schedules itself for the rest. */
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
    this.#forwardServerEnd();
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
        this.#hasGap = true;
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

  /** Forwards the client's end or reset to the server, unless the fault hides it. */
  #forwardClientEnd(): void {
    if (this.#fault.kind === "blackhole") return;
    if (this.#client.destroyed) this.#dropServer();
    else if (this.#clientHasEnded && this.#isSilent) this.reset();
    else if (this.#clientHasEnded) this.#server.end();
  }

  /** Forwards the server's end or reset to the client after the last reply, unless the fault hides it. */
  #forwardServerEnd(): void {
    if (!this.#serverHasEnded || this.#replies.oldest !== undefined) return;
    if (this.#isSilent || this.#fault.kind === "blackhole") return;
    if (this.#fault.kind === "half-open") this.#hasGap = true;
    else if (this.#serverHasFailed) this.#client.resetAndDestroy();
    else this.#client.end();
  }
}

function closeOf(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once("close", resolve));
}
