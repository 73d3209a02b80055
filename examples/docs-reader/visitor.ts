import { createHash } from "node:crypto";
import type { Cache } from "cachewell";
import type { VisitorCookie } from "./visitor-cookie.ts";

/** What is known of a visitor. */
export interface Visitor {
  /** How many pages they read before. */
  readonly pagesRead: number;
  /** The paths of the latest of them, the last first, each once. */
  readonly lastRead: readonly string[];
}

const stranger: Visitor = { pagesRead: 0, lastRead: [] };
const mostRemembered = 5;

/** The visitors and what they read last. Two pages opened in the same instant may count as one. */
export class Visitors {
  readonly #cache: Cache;

  constructor(cache: Cache) {
    this.#cache = cache.namespace("visitor");
  }

  /** Remembers that a visitor reads a document. Returns what was known before. */
  async welcome(cookie: VisitorCookie, path: string): Promise<Visitor> {
    const key = keyOf(cookie);
    const known = (await this.#cache.get<Visitor>(key)) ?? stranger;
    const now: Visitor = {
      pagesRead: known.pagesRead + 1,
      lastRead: [path, ...known.lastRead.filter((other) => other !== path)].slice(
        0,
        mostRemembered,
      ),
    };
    // Who never sends the cookie back, such as curl, is soon forgotten.
    await this.#cache.set(key, now, { ttl: cookie.isNew ? "10m" : "14d" });
    return known;
  }
}

/** The keys are shown on the cache page: the id itself, which is the visitor's secret, is not. */
function keyOf({ id }: VisitorCookie): string {
  return createHash("sha256").update(id).digest("base64url").slice(0, 16);
}
