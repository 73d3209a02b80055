import type { Cache } from "cachewell";
import type { Document, Library } from "./library.ts";
import { type RenderedDocument, renderMarkdown } from "./render.ts";

/** A rendered document, and how it was come by. */
export interface Rendering {
  readonly rendered: RenderedDocument;
  /** Whether it came from the cache. */
  readonly isHit: boolean;
  /** How long this reader waited for it. */
  readonly tookMs: number;
  /** How long rendering took, now or when it was stored. */
  readonly renderingTookMs: number;
}

interface StoredRendering {
  readonly rendered: RenderedDocument;
  readonly renderingTookMs: number;
}

/** Documents as HTML, each rendered once and then kept for a while. */
export class Renderings {
  readonly #library: Library;
  readonly #cache: Cache;

  constructor(library: Library, cache: Cache) {
    this.#library = library;
    this.#cache = cache.namespace("page");
  }

  /** Returns a document as HTML. The key holds its revision, so that an edited file shows at once. */
  async get(document: Document): Promise<Rendering> {
    const startedMs = performance.now();
    let isHit = true;
    const stored = await this.#cache.getOrSet<StoredRendering>(
      `${document.path}@${document.revision}`,
      () => {
        isHit = false;
        return this.#render(document);
      },
      { ttl: "5m" },
    );
    return { ...stored, isHit, tookMs: performance.now() - startedMs };
  }

  async #render(document: Document): Promise<StoredRendering> {
    const source = await this.#library.read(document);
    const startedMs = performance.now();
    const rendered = renderMarkdown(source, document.path);
    return { rendered, renderingTookMs: performance.now() - startedMs };
  }
}
