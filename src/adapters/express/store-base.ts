import type { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import { ConfigurationError } from "../../contracts/errors.ts";

/**
 * The methods that a store inherits from express-session. These types are compatible with those of
 * `@types/express-session`, which only users of the store need.
 */
export interface ExpressStore extends EventEmitter {
  /** Destroys the session of a request and gives the request another. */
  regenerate(request: object, callback: (error?: unknown) => void): void;

  /** Loads a session as an object that belongs to no request. */
  load<S>(id: string, callback: (error: unknown, session?: S) => void): void;

  /** Makes a session object from a result of `get`, and gives it to a request. */
  createSession<S>(request: object, session: object): S;
}

/** express-session's `Store`; without that package, a class whose constructor throws a ConfigurationError. */
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
  return MissingStore as unknown as new () => ExpressStore; // its constructor always throws
}
