import type { Logger } from "cachewell";

const quietMs = 2_000;

/**
 * Writes one line per failure of the cache, without the stack of a lost connection, and holds back
 * what follows within two seconds: one page asks the cache several times.
 */
export class BriefLogger implements Logger {
  #quietUntilMs = 0;
  #heldBack = 0;

  error(message: string, ...details: readonly unknown[]): void {
    const nowMs = performance.now();
    if (nowMs < this.#quietUntilMs) {
      this.#heldBack += 1;
      return;
    }
    const more = this.#heldBack > 0 ? `(${this.#heldBack} more before)` : "";
    console.error([message, ...details.map(reasonOf), more].filter(Boolean).join(" "));
    this.#quietUntilMs = nowMs + quietMs;
    this.#heldBack = 0;
  }
}

function reasonOf(detail: unknown): string {
  return detail instanceof Error ? `- ${detail.message}` : String(detail);
}
