import { createCache } from "cachewell";
import { CacheStore, sessionMiddleware } from "cachewell/express";
import { createSessions } from "cachewell/sessions";
import { RedisStore } from "connect-redis";
import session from "express-session";
import { createClient } from "redis";

/** @import { RequestHandler, Request } from "express" */
/** @import { Session } from "cachewell/sessions" */
/** @import { Store } from "express-session" */

/**
 * The sessions of an application: its middleware, and how a request reads and writes a field.
 *
 * @typedef {{
 *   middleware: RequestHandler,
 *   read: (request: Request, field: string) => unknown,
 *   write: (request: Request, field: string, value: unknown) => void,
 * }} SessionPeer
 */

/** @typedef {keyof typeof contenders} SessionContender */

const secret = "a secret of more than thirty-two characters";
const maxAge = 86_400_000;

/** The contender that all others are compared with. */
export const peer = "connect-redis";

/** The contenders, by name. All but `sessionMiddleware` are stores of express-session. */
export const contenders = {
  "CacheStore, merged": openMerged,
  "CacheStore, connect-redis": openWhole,
  sessionMiddleware: openMiddleware,
  [peer]: openConnectRedis,
};

/** The names of the contenders, in the order of the table. */
// `Object.keys` knows no literals; these are the keys.
export const names = /** @type {SessionContender[]} */ (Object.keys(contenders));

/** @param {string} location */
async function openMerged(location) {
  return withExpressSession(new CacheStore({ cache: await openCache(location) }));
}

/** @param {string} location */
async function openWhole(location) {
  const cache = await openCache(location);
  return withExpressSession(new CacheStore({ cache, layout: "connect-redis" }));
}

/**
 * @param {string} location
 * @returns {Promise<SessionPeer>}
 */
async function openMiddleware(location) {
  const sessions = createSessions({ cache: await openCache(location), ttl: "1d" });
  return {
    middleware: sessionMiddleware({ sessions }),
    read: (request, field) => sessionOf(request).get(field),
    write: (request, field, value) => sessionOf(request).set(field, value),
  };
}

/**
 * As its README has it; without a listener an error of the client would end the process.
 *
 * @param {string} url
 */
async function openConnectRedis(url) {
  const client = await createClient({ url }).on("error", console.error).connect();
  return withExpressSession(new RedisStore({ client }));
}

/** @param {string} location */
async function openCache(location) {
  const cache = createCache({ location });
  await cache.ping();
  return cache;
}

/**
 * @param {Store} store
 * @returns {SessionPeer}
 */
function withExpressSession(store) {
  const cookie = { maxAge };
  return {
    middleware: session({ store, secret, cookie, resave: false, saveUninitialized: false }),
    read: (request, field) => fieldsOf(request)[field],
    write: (request, field, value) => {
      fieldsOf(request)[field] = value;
    },
  };
}

/** @param {Request} request */
function sessionOf(request) {
  // The types of express-session, which the others use, claim `request.session` for themselves.
  return /** @type {Session} */ (/** @type {unknown} */ (request.session));
}

/** @param {Request} request */
function fieldsOf(request) {
  // An application declares the fields of its session; this one reads and writes them by name.
  return /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (request.session));
}
