import type { Cache } from "cachewell";
import type { Document, Library } from "./library.ts";
import { findTitle } from "./render.ts";

/** A line of the list of documents. */
export interface Entry {
  readonly document: Document;
  readonly title: string;
}

/** The list of all documents with their titles; only the titles of new or edited files are read. */
export class Contents {
  readonly #library: Library;
  readonly #cache: Cache;

  constructor(library: Library, cache: Cache) {
    this.#library = library;
    this.#cache = cache.namespace("title");
  }

  /** Returns the entries in the library's order. One round trip, two when a title is missing. */
  async list(): Promise<readonly Entry[]> {
    const documents = await this.#library.list();
    const byKey = new Map(documents.map((document) => [keyOf(document), document]));
    const titles = await this.#cache.getOrSetMany<string>(
      byKey.keys(),
      (missing) => Promise.all(missing.map((key) => this.#readTitle(key, byKey.get(key)))),
      { ttl: "1h" },
    );
    return Array.from(byKey, ([key, document]) => ({
      document,
      title: titles.get(key) ?? document.path,
    }));
  }

  async #readTitle(key: string, document: Document | undefined): Promise<[string, string]> {
    const title = document && titleOf(document, await this.#library.read(document));
    return [key, title || key];
  }
}

/** A change log begins with the name of its package, as the README does: it needs one of its own. */
function titleOf({ path }: Document, source: string): string {
  return path === "CHANGELOG.md" ? "Changelog" : findTitle(source) || path;
}

function keyOf({ path, revision }: Document): string {
  return `${path}@${revision}`;
}
