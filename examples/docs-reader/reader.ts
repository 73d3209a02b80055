import type { Cache } from "cachewell";
import { Contents } from "./contents.ts";
import { Library } from "./library.ts";
import type { OpenedCache } from "./open-cache.ts";
import { Renderings } from "./renderings.ts";
import { Views } from "./views.ts";
import { Visitors } from "./visitor.ts";

/** What the pages are made with. */
export interface Reader {
  readonly cache: Cache;
  /** Where the cache is, in words. */
  readonly place: string;
  readonly library: Library;
  readonly contents: Contents;
  readonly renderings: Renderings;
  readonly views: Views;
  readonly visitors: Visitors;
}

/** Puts the parts together: all of them share one cache. */
export function createReader(documentsRoot: string, { cache, place }: OpenedCache): Reader {
  const library = new Library(documentsRoot);
  return {
    cache,
    place,
    library,
    contents: new Contents(library, cache),
    renderings: new Renderings(library, cache),
    views: new Views(cache),
    visitors: new Visitors(cache),
  };
}
