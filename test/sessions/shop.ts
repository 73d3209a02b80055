import type { Cache } from "../../src/contracts/cache.ts";
import type { CacheOptions } from "../../src/contracts/options.ts";
import type { Session, Sessions, SessionsOptions } from "../../src/contracts/sessions.ts";
import { createSessions } from "../../src/sessions/index.ts";
import type { RedisServer } from "../../src/testing/redis-server.ts";
import { openCache } from "../support/open-cache.ts";
import { startedRedis } from "../support/servers.ts";
import { until } from "../support/until.ts";

/** A cache in a server, and sessions in it. */
export interface Shop {
  readonly server: RedisServer;
  readonly cache: Cache;
  readonly sessions: Sessions;
}

/** How a shop is to be. */
interface ShopOptions {
  readonly cache?: CacheOptions;
  readonly sessions?: Omit<SessionsOptions, "cache">;
}

/** Opens a shop that is closed when the test is over. */
export function openShop(server: RedisServer, options: ShopOptions = {}): Shop {
  const cache = openCache({ location: server.url(), commandTimeout: "5s", ...options.cache });
  return { server, cache, sessions: createSessions({ ...options.sessions, cache }) };
}

/** How long a shop of {@link openOwnShop} waits for its server. */
export const timeoutMs = 1_500;

/** Opens a shop in a server of its own, and does not wait long for it. */
export async function openOwnShop(sessions: ShopOptions["sessions"] = {}): Promise<Shop> {
  const cache = { connectTimeout: "1s", commandTimeout: `${timeoutMs}ms` };
  return openShop(await startedRedis(), { cache, sessions });
}

/** Returns a session that is stored with these fields. */
export async function saved(
  sessions: Sessions,
  fields: Readonly<Record<string, unknown>> = { name: "Ann" },
): Promise<Session> {
  const session = await sessions.load(undefined);
  await session.update(fields).save();
  return session;
}

/** Returns all keys of a server. */
export async function keysOf(server: RedisServer): Promise<string[]> {
  const printed = await server.cli("KEYS", "*");
  return printed === "" ? [] : printed.split("\n");
}

/** Returns everything that a server holds, as it prints it. */
export async function everythingIn(server: RedisServer): Promise<string> {
  const parts: string[] = [];
  for (const key of await keysOf(server)) {
    const type = await server.cli("TYPE", key);
    const command = type === "hash" ? ["HGETALL", key] : ["ZRANGE", key, "0", "-1", "WITHSCORES"];
    parts.push(key, type, await server.cli(...command));
  }
  return parts.join("\n");
}

/** Returns how many sessions a server holds, traces of old ids apart. */
export async function livingIn(server: RedisServer): Promise<number> {
  const keys = await keysOf(server);
  const borns = await Promise.all(
    keys.map(async (key) => {
      const isHash = (await server.cli("TYPE", key)) === "hash";
      return isHash && (await server.cli("HEXISTS", key, "#born")) === "1";
    }),
  );
  return borns.filter(Boolean).length;
}

/** Lets a frozen server go on, and waits until the cache knows. */
export async function bringBack({ server, cache }: Shop): Promise<void> {
  server.thaw();
  await until("it serves again", () => cache.ping().catch(() => false), 10_000);
}
