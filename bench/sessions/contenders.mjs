import { RedisStore } from "connect-redis";
import session from "express-session";
import { createClient } from "redis";
import { CacheStore, sessionMiddleware } from "../../dist/adapters/express/index.js";
import { createCache } from "../../dist/index.js";
import { createSessions } from "../../dist/sessions/index.js";

const secret = "a secret of more than thirty-two characters";
const maxAge = 86_400_000;

/** With whom all others are compared. */
export const peer = "connect-redis";

/**
 * Those who compete, by name: each opens what an Express application `use`s, and says how a request
 * reads and writes a field of its session. All but `sessionMiddleware` are stores of express-session.
 */
export const contenders = {
  "CacheStore, merged": openMerged,
  "CacheStore, connect-redis": openWhole,
  sessionMiddleware: openMiddleware,
  [peer]: openConnectRedis,
};

async function openMerged(location) {
  return withExpressSession(new CacheStore({ cache: await openCache(location) }));
}

async function openWhole(location) {
  const cache = await openCache(location);
  return withExpressSession(new CacheStore({ cache, layout: "connect-redis" }));
}

async function openMiddleware(location) {
  const sessions = createSessions({ cache: await openCache(location), ttl: "1d" });
  return {
    middleware: sessionMiddleware({ sessions }),
    read: (request, field) => request.session.get(field),
    write: (request, field, value) => request.session.set(field, value),
  };
}

/** As its README has it; an error of the client without a listener would end the process. */
async function openConnectRedis(url) {
  const client = await createClient({ url }).on("error", console.error).connect();
  return withExpressSession(new RedisStore({ client }));
}

async function openCache(location) {
  const cache = createCache({ location });
  await cache.ping();
  return cache;
}

function withExpressSession(store) {
  const cookie = { maxAge };
  return {
    middleware: session({ store, secret, cookie, resave: false, saveUninitialized: false }),
    read: (request, field) => request.session[field],
    write: (request, field, value) => {
      request.session[field] = value;
    },
  };
}
