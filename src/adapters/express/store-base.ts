import type { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import { ConfigurationError } from "../../contracts/errors.ts";

/**
 * What a store has from express-session. In types of our own, which fit those of `@types/express-session`:
 * who does not use the store need not have them.
 */
export interface ExpressStore extends EventEmitter {
  /** Destroys the session of a request and gives it another. */
  regenerate(request: object, callback: (error?: unknown) => void): void;

  /** Gives the session of an id as a session object that belongs to no request. */
  load<S>(id: string, callback: (error: unknown, session?: S) => void): void;

  /** Makes a session object of what `get` gave, and gives it to a request. */
  createSession<S>(request: object, session: object): S;
}

/** express-session's `Store`, or where that is not installed a class that says so. */
export const StoreBase: new () => ExpressStore = loadStore();

function loadStore(): new () => ExpressStore {
  try {
    const { Store } = createRequire(import.meta.url)("express-session") as {
      readonly Store: new () => ExpressStore;
    };
    return Store;
  } catch (cause) {
    return missingStore(cause);
  }
}

function missingStore(cause: unknown): new () => ExpressStore {
  const problem = "CacheStore needs express-session, which does not load; npm install";
  function MissingStore(): never {
    throw new ConfigurationError("CacheStore", `${problem} express-session.`, { cause });
  }
  return MissingStore as unknown as new () => ExpressStore; // nothing of it is ever made
}
