import type { Answer } from "../support/browser.ts";

const forbidden = /\b(?:private|no-store|no-cache)\b/i;
const variesByVisitor = /\*|\bcookie\b/i;

/**
 * A cache in front of an application that all visitors share. It keeps whatever answer it is not
 * forbidden to keep, for ever: the greediest that RFC 9111 allows.
 */
export class SharedCache {
  /** How often it answered by itself. */
  hits = 0;
  readonly #answers = new Map<string, Answer>();

  /** Returns the answer under a URL; `ask` asks the application. */
  async get(url: string, ask: () => Promise<Answer>): Promise<Answer> {
    const kept = this.#answers.get(url);
    if (kept) {
      this.hits += 1;
      return kept;
    }
    const answer = await ask();
    if (mayBeKept(answer)) this.#answers.set(url, answer);
    return answer;
  }
}

function mayBeKept({ status, headers, setCookies }: Answer): boolean {
  if (status !== 200 || setCookies.length > 0) return false;
  if (forbidden.test(headers["cache-control"] ?? "")) return false;
  return !variesByVisitor.test(headers.vary ?? "");
}
