import { AsyncLocalStorage } from "node:async_hooks";
import type { ServerResponse } from "node:http";

const running = new AsyncLocalStorage<AnswerGate>();

/**
 * After a failure, lets the error handler write to the response and stops the request's handler, which may
 * still be streaming. It recognizes the error handler by the async context of `run`.
 */
export class AnswerGate {
  readonly #response: ServerResponse;
  #headAfterRun: string | undefined;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** Runs the error handler. Whatever it calls, now or later, may write. */
  run(handleError: () => void): void {
    running.run(this, handleError);
    this.#headAfterRun = headOf(this.#response);
  }

  /**
   * Returns whether the current call may write. Outside the error handler's async context (an answer
   * from a timer or a queue), a call may write once status or headers have changed since `run`: only
   * an error handler changes them, since a handler that streams has set its own already.
   */
  allows(): boolean {
    if (running.getStore() === this) return true;
    return this.#headAfterRun !== undefined && this.#headAfterRun !== headOf(this.#response);
  }
}

function headOf(response: ServerResponse): string {
  return JSON.stringify([response.statusCode, response.getHeaders()]);
}
