import { AsyncLocalStorage } from "node:async_hooks";
import type { ServerResponse } from "node:http";

const answering = new AsyncLocalStorage<AnswersOnly>();

/**
 * Tells two apart who write to one response after a failure: those who answer it, and the handler
 * that was still streaming and does not know. Whoever writes on behalf of `run` is one of the former.
 */
export class AnswersOnly {
  readonly #response: ServerResponse;
  #looks: string | undefined;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** Lets the failure be answered, now or later. */
  run(answer: () => void): void {
    answering.run(this, answer);
    this.#looks = looksOf(this.#response);
  }

  /**
   * Whether the present call may write. Where nothing tells whose call it is, one that comes after
   * another status or header does: a handler that streams sets none any more.
   */
  lets(): boolean {
    if (answering.getStore() === this) return true;
    return this.#looks !== undefined && this.#looks !== looksOf(this.#response);
  }
}

function looksOf(response: ServerResponse): string {
  return JSON.stringify([response.statusCode, response.getHeaders()]);
}
