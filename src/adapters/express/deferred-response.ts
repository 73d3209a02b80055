import type { ServerResponse } from "node:http";
import { type SessionHeaders, statusOf } from "../http-session/request-session.ts";
import { AnswersOnly } from "./answers-only.ts";
import { addSessionHeaders, applyHead, dropHead, rememberHead } from "./response-head.ts";

/** What a response waits for. */
export interface Storing {
  /** Whether anything may have to be stored, or sent, before the response leaves. */
  isNeeded(): boolean;
  /** Stores it. Returns what the response has to carry. */
  beforeLeaving(status: number): Promise<SessionHeaders>;
  /** Whether anything may have to be stored that was done after the response began to leave. */
  isNeededLate(status: number): boolean;
  beforeEnd(): Promise<void>;
  /** Is told what failed; the response is then its own. */
  failed(error: unknown): void;
}

const methods = ["writeHead", "write", "end", "flushHeaders", "on"] as const;

type Method = (typeof methods)[number];
type Arguments = readonly unknown[];
type Callback = (...args: readonly unknown[]) => void;

/** A call that waits. */
interface HeldCall {
  run(): unknown;
  drop(error: unknown): void;
}

/**
 * Holds a response back from its first byte on until its session is stored, and its end until what came
 * later is. The calls that would send it wait meanwhile, in their order and in the async context of
 * the first. To its handler it looks as if it had left.
 */
export class DeferredResponse {
  readonly #response: ServerResponse;
  readonly #storing: Storing;
  readonly #originals: ReadonlyMap<Method, unknown>;
  /** `"waiting"`: calls are held. `"leaving"`: they pass. `"failed"`: those pass that answer the failure. */
  #phase: "new" | "waiting" | "leaving" | "failed" = "new";
  #calls: HeldCall[] = [];
  #end: HeldCall | undefined;
  #hasBegunStoring = false;
  /** Whether something may have been done between the storing and the end. */
  #isEndLate = false;
  #owesDrain = false;
  /** Listeners to `drain` whom an emit of the response does not reach, since a wrapper took them over. */
  #drainListeners: Callback[] = [];
  #answers: AnswersOnly | undefined;

  constructor(response: ServerResponse, storing: Storing) {
    this.#response = response;
    this.#storing = storing;
    this.#originals = new Map(methods.map((method) => [method, response[method]]));
  }

  /**
   * Takes over the response's methods, for good: wrappers that come later hold on to what they find. Once
   * more it leaves those wrappers behind.
   */
  takeOver(): void {
    for (const [method, original] of this.#originals) {
      if (typeof original !== "function") continue; // a stand-in's
      const value = (...args: unknown[]): unknown => this.#call(method, args);
      Object.defineProperty(this.#response, method, { value, configurable: true, writable: true });
    }
  }

  #call(method: Method, args: Arguments): unknown {
    if (method === "on") return this.#listen(args);
    if (this.#phase === "new") this.#begin(method, args);
    if (this.#phase === "waiting") return this.#hold(method, args);
    if (this.#phase === "failed" && !this.#mayAnswer()) {
      return this.#ignore(method, args, afterEnd());
    }
    if (method === "end" && this.#mustHoldEnd()) return this.#holdEnd(args);
    return this.#pass(method, args);
  }

  #begin(method: Method, args: Arguments): void {
    const response = this.#response;
    const status = method === "writeHead" ? Number(args[0]) : response.statusCode;
    if (!isStatus(status)) return; // which the original refuses
    if (response.headersSent || !this.#storing.isNeeded()) {
      this.#phase = "leaving";
      this.#hasBegunStoring = true;
      return;
    }
    if (method === "writeHead") applyHead(response, status, args.slice(1));
    this.#phase = "waiting";
    this.#pretend();
    // It never rejects.
    void this.#leave(status, rememberHead(response));
  }

  async #leave(status: number, restoreHead: () => void): Promise<void> {
    try {
      await Promise.resolve(); // what is done on this tick, the end too, is stored at once
      this.#hasBegunStoring = true;
      const headers = await this.#storing.beforeLeaving(status);
      this.#stopPretending();
      restoreHead();
      addSessionHeaders(this.#response, headers);
      await this.#replay();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #replay(): Promise<void> {
    this.#phase = "leaving";
    let answer: unknown;
    for (let call = this.#calls.shift(); call; call = this.#calls.shift()) answer = call.run();
    if (this.#end) await this.#leaveEnd(this.#end);
    else if (answer !== false) this.#drain(); // otherwise it drains by itself
  }

  async #leaveEnd(end: HeldCall): Promise<void> {
    if (this.#isEndLate && this.#storing.isNeededLate(this.#response.statusCode)) {
      this.#phase = "waiting";
      this.#pretend();
      await this.#storing.beforeEnd();
      this.#stopPretending();
    }
    this.#phase = "leaving";
    end.run();
  }

  #hold(method: Method, args: Arguments): unknown {
    if (this.#end) return this.#ignore(method, args, afterEnd());
    if (method === "writeHead") return this.#holdHead(args);
    const call = this.#held(method, args);
    if (method === "end") this.#endBy(call);
    else this.#calls.push(call);
    this.#owesDrain ||= method === "write";
    return this.#answerOf(method);
  }

  /** A second head is an error; but wrappers ask for the head before each write that they see it missing at. */
  #holdHead(args: Arguments): ServerResponse {
    const response = this.#response;
    const isAgain = this.#calls.length > 0;
    if (isAgain && (args.length > 1 || args[0] !== response.statusCode)) throw headersSent();
    if (!isAgain) this.#calls.push(this.#held("writeHead", [response.statusCode]));
    return response;
  }

  #holdEnd(args: Arguments): ServerResponse {
    const end = this.#held("end", args);
    this.#endBy(end);
    this.#leaveEnd(end).catch((error: unknown) => this.#fail(error));
    return this.#response;
  }

  #endBy(end: HeldCall): void {
    this.#end = end;
    this.#isEndLate = this.#hasBegunStoring;
  }

  #mustHoldEnd(): boolean {
    const { writableEnded, statusCode } = this.#response;
    return this.#phase === "leaving" && !writableEnded && this.#storing.isNeededLate(statusCode);
  }

  #held(method: Method, args: Arguments): HeldCall {
    return {
      run: () => this.#pass(method, args),
      drop: (error) => void this.#ignore(method, args, error),
    };
  }

  #pass(method: Method, args: Arguments): unknown {
    const original = this.#originals.get(method) as (...args: Arguments) => unknown; // the method as it was
    return Reflect.apply(original, this.#response, args);
  }

  /** Does nothing but tell those who wait for it. */
  #ignore(method: Method, args: Arguments, error: unknown): unknown {
    const callback = args.find((arg) => typeof arg === "function");
    if (callback) process.nextTick(callback, error);
    return this.#answerOf(method);
  }

  #answerOf(method: Method): unknown {
    if (method === "write") return false;
    return method === "flushHeaders" ? undefined : this.#response;
  }

  /** A compressing middleware that came before may answer `on` itself, and listen for its own stream. */
  #listen(args: Arguments): unknown {
    const answer = this.#pass("on", args);
    const [event, listener] = args;
    if (event === "drain" && typeof listener === "function" && this.#phase !== "leaving") {
      const isHeard = this.#response.rawListeners("drain").includes(listener);
      if (!isHeard) this.#drainListeners.push(listener as Callback);
    }
    return answer;
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
      this.takeOver(); // a wrapper may believe that it has sent the response
      if (!this.#end) this.#answers = new AnswersOnly(response);
    }
    // Out of reach of the promise that failed: what is thrown there is no failure of the session.
    process.nextTick(() => this.#tell(error, isCut));
  }

  #tell(error: unknown, isCut: boolean): void {
    const tell = (): void => this.#storing.failed(error);
    if (this.#answers) this.#answers.run(tell);
    else tell();
    // What has begun as a success must not end as one.
    if (isCut && !this.#response.writableEnded) this.#response.destroy();
  }

  #mayAnswer(): boolean {
    if (!this.#answers) return true;
    return !this.#response.writableEnded && this.#answers.lets();
  }

  /**
   * Makes the response say what it would say if it were not held. One whose end is held says that its
   * headers are not sent, so that an error thrown after it does not cut it off: it is whole.
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
  const error = new Error("The response's headers are on their way; no others can be sent.");
  return Object.assign(error, { code: "ERR_HTTP_HEADERS_SENT" });
}

function afterEnd(): Error {
  const error = new Error("The response has ended already.");
  return Object.assign(error, { code: "ERR_STREAM_WRITE_AFTER_END" });
}
