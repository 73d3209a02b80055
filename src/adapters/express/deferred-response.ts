import type { ServerResponse } from "node:http";
import { type SessionHeaders, statusOf } from "../http-session/request-session.ts";
import { AnswerGate } from "./answer-gate.ts";
import { addSessionHeaders, applyHead, dropHead, rememberHead } from "./response-head.ts";

/** Stores the session of a response. */
export interface SessionCommit {
  /** Returns whether the session may have to be stored, or a header sent for it, before the response is sent. */
  isNeeded(): boolean;
  /** Stores the session for a response of this status. Resolves with the headers that it needs. */
  commit(status: number): Promise<SessionHeaders>;
  /** Returns whether changes since `commit` may have to be stored before the response ends. */
  isNeededLate(status: number): boolean;
  /** Stores those changes. */
  commitLate(): Promise<void>;
  /** Gets the error of a session that could not be stored, and answers it. */
  failed(error: unknown): void;
}

const methods = ["writeHead", "write", "end", "flushHeaders", "on"] as const;

type Method = (typeof methods)[number];
type Arguments = readonly unknown[];
type Callback = (...args: readonly unknown[]) => void;

/** A call of a response's method, to be made later. */
interface DeferredCall {
  run(): unknown;
  /** Gives up the call, and passes the error to its callback. */
  drop(error: unknown): void;
}

/**
 * Defers a response until its session is stored, and the end of a response that streams until later
 * changes are stored. The first call that would send a byte starts the commit; calls made meanwhile are
 * replayed in their order, in the async context of the first. To its handler the response looks as if it
 * had been sent.
 */
export class DeferredResponse {
  readonly #response: ServerResponse;
  readonly #session: SessionCommit;
  readonly #originals: ReadonlyMap<Method, unknown>;
  /**
   * `"deferring"`: calls wait. `"passing"`: calls pass. `"failed"`: calls of those that answer the
   * failure pass, and others are ignored.
   */
  #phase: "new" | "deferring" | "passing" | "failed" = "new";
  #calls: DeferredCall[] = [];
  #end: DeferredCall | undefined;
  #hasBegunCommit = false;
  /** Whether the response ended after the commit had begun, so that changes may have come between. */
  #isEndLate = false;
  #owesDrain = false;
  /** Listeners to `drain` that a wrapper of the response has taken over: `emit` does not reach them. */
  #drainListeners: Callback[] = [];
  #gate: AnswerGate | undefined;

  constructor(response: ServerResponse, session: SessionCommit) {
    this.#response = response;
    this.#session = session;
    this.#originals = new Map(methods.map((method) => [method, response[method]]));
  }

  /**
   * Replaces the methods of the response for good, since wrappers that come later keep references to
   * them. A second call leaves those wrappers behind.
   */
  takeOver(): void {
    for (const [method, original] of this.#originals) {
      if (typeof original !== "function") continue; // a partial stand-in for a response
      const value = (...args: unknown[]): unknown => this.#call(method, args);
      Object.defineProperty(this.#response, method, { value, configurable: true, writable: true });
    }
  }

  #call(method: Method, args: Arguments): unknown {
    if (method === "on") return this.#listen(args);
    if (this.#phase === "new") this.#begin(method, args);
    if (this.#phase === "deferring") return this.#defer(method, args);
    if (this.#phase === "failed" && !this.#mayAnswer()) {
      return this.#ignore(method, args, afterEnd());
    }
    if (method === "end" && this.#mustDeferEnd()) return this.#deferEnd(args);
    return this.#pass(method, args);
  }

  #begin(method: Method, args: Arguments): void {
    const response = this.#response;
    const status = method === "writeHead" ? Number(args[0]) : response.statusCode;
    if (!isStatus(status)) return; // the original method throws
    if (response.headersSent || !this.#session.isNeeded()) {
      this.#phase = "passing";
      this.#hasBegunCommit = true;
      return;
    }
    if (method === "writeHead") applyHead(response, status, args.slice(1));
    this.#phase = "deferring";
    this.#pretend();
    // Never rejects.
    void this.#commit(status, rememberHead(response));
  }

  async #commit(status: number, restoreHead: () => void): Promise<void> {
    try {
      await Promise.resolve(); // stores what the handler changes on this tick, too, and sees its end
      this.#hasBegunCommit = true;
      const headers = await this.#session.commit(status);
      this.#stopPretending();
      restoreHead();
      addSessionHeaders(this.#response, headers);
      await this.#replay();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #replay(): Promise<void> {
    this.#phase = "passing";
    let result: unknown;
    for (let call = this.#calls.shift(); call; call = this.#calls.shift()) result = call.run();
    if (this.#end) await this.#sendEnd(this.#end);
    else if (result !== false) this.#drain(); // after `false`, Node emits `drain` itself
  }

  async #sendEnd(end: DeferredCall): Promise<void> {
    if (this.#isEndLate && this.#session.isNeededLate(this.#response.statusCode)) {
      this.#phase = "deferring";
      this.#pretend();
      await this.#session.commitLate();
      this.#stopPretending();
    }
    this.#phase = "passing";
    end.run();
  }

  #defer(method: Method, args: Arguments): unknown {
    if (this.#end) return this.#ignore(method, args, afterEnd());
    if (method === "writeHead") return this.#deferHead(args);
    const call = this.#deferredCall(method, args);
    if (method === "end") this.#endBy(call);
    else this.#calls.push(call);
    this.#owesDrain ||= method === "write";
    return this.#resultOf(method);
  }

  /** Throws for a second head, as Node does. A repeated status alone is none: wrappers send it before each write until they see a head. */
  #deferHead(args: Arguments): ServerResponse {
    const response = this.#response;
    const isAgain = this.#calls.length > 0;
    if (isAgain && (args.length > 1 || args[0] !== response.statusCode)) throw headersSent();
    if (!isAgain) this.#calls.push(this.#deferredCall("writeHead", [response.statusCode]));
    return response;
  }

  #deferEnd(args: Arguments): ServerResponse {
    const end = this.#deferredCall("end", args);
    this.#endBy(end);
    this.#sendEnd(end).catch((error: unknown) => this.#fail(error));
    return this.#response;
  }

  #endBy(end: DeferredCall): void {
    this.#end = end;
    this.#isEndLate = this.#hasBegunCommit;
  }

  #mustDeferEnd(): boolean {
    const { writableEnded, statusCode } = this.#response;
    return this.#phase === "passing" && !writableEnded && this.#session.isNeededLate(statusCode);
  }

  #deferredCall(method: Method, args: Arguments): DeferredCall {
    return {
      run: () => this.#pass(method, args),
      drop: (error) => void this.#ignore(method, args, error),
    };
  }

  #pass(method: Method, args: Arguments): unknown {
    const original = this.#originals.get(method) as (...args: Arguments) => unknown; // the method as it was
    return Reflect.apply(original, this.#response, args);
  }

  /** Skips the call, and passes the error to its callback. */
  #ignore(method: Method, args: Arguments, error: unknown): unknown {
    const callback = args.find((arg) => typeof arg === "function");
    if (callback) process.nextTick(callback, error);
    return this.#resultOf(method);
  }

  #resultOf(method: Method): unknown {
    if (method === "write") return false;
    return method === "flushHeaders" ? undefined : this.#response;
  }

  /** Remembers listeners to `drain` that the response does not have: a compressing middleware moves them to its own stream. */
  #listen(args: Arguments): unknown {
    const result = this.#pass("on", args);
    const [event, listener] = args;
    if (event === "drain" && typeof listener === "function" && this.#phase !== "passing") {
      const isHeard = this.#response.rawListeners("drain").includes(listener);
      if (!isHeard) this.#drainListeners.push(listener as Callback);
    }
    return result;
  }

  #drain(): void {
    const response = this.#response;
    const listeners = this.#drainListeners.splice(0);
    if (!this.#owesDrain || response.destroyed) return;
    process.nextTick(() => {
      response.emit("drain");
      for (const listener of listeners) Reflect.apply(listener, response, []);
    });
  }

  #fail(error: unknown): void {
    this.#stopPretending();
    this.#phase = "failed";
    const response = this.#response;
    for (const call of this.#calls.splice(0)) call.drop(error);
    this.#end?.drop(error);
    const isCut = response.headersSent;
    if (!isCut) {
      dropHead(response, statusOf(error) ?? 500);
      this.takeOver(); // past wrappers that believe they have sent the response
      if (!this.#end) this.#gate = new AnswerGate(response);
    }
    // On a tick of its own: what an error handler throws is no failure of the session.
    process.nextTick(() => this.#report(error, isCut));
  }

  #report(error: unknown, isCut: boolean): void {
    const fail = (): void => this.#session.failed(error);
    if (this.#gate) this.#gate.run(fail);
    else fail();
    // A response that began as a success must not end as one.
    if (isCut && !this.#response.writableEnded) this.#response.destroy();
  }

  #mayAnswer(): boolean {
    if (!this.#gate) return true;
    return !this.#response.writableEnded && this.#gate.allows();
  }

  /**
   * Makes `headersSent` and `writableEnded` answer as they would without the deferral. Once the end is
   * deferred, `headersSent` is `false`: frameworks cut off a response whose headers are sent when
   * something is thrown, and this one is complete.
   */
  #pretend(): void {
    const isSent = this.#response.headersSent;
    Object.defineProperties(this.#response, {
      headersSent: { configurable: true, get: () => isSent || this.#end === undefined },
      writableEnded: { configurable: true, get: () => this.#end !== undefined },
    });
  }

  #stopPretending(): void {
    Reflect.deleteProperty(this.#response, "headersSent");
    Reflect.deleteProperty(this.#response, "writableEnded");
  }
}

function isStatus(status: number): boolean {
  return Math.trunc(status) >= 100 && Math.trunc(status) <= 999;
}

function headersSent(): Error {
  const error = new Error("The response's headers have been passed on; no others can be sent.");
  return Object.assign(error, { code: "ERR_HTTP_HEADERS_SENT" });
}

function afterEnd(): Error {
  const error = new Error("The response has ended already.");
  return Object.assign(error, { code: "ERR_STREAM_WRITE_AFTER_END" });
}
