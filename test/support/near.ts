import type { Cache } from "../../src/contracts/cache.ts";
import type { NearStats } from "../../src/contracts/events.ts";
import type { RedisServer } from "../../src/testing/redis-server.ts";
import { until } from "./until.ts";

/** Returns what a cache says of its near cache. @throws Error when it has none */
export function nearStats(cache: Cache): NearStats {
  const { near } = cache.stats();
  if (!near) throw new Error("The cache has no near cache.");
  return near;
}

/** Reads until changes are told, so that what is read from then on is kept. */
export async function untilTracking(cache: Cache): Promise<void> {
  await until("changes are told", async () => {
    await cache.get("read to begin with");
    return nearStats(cache).tracking;
  });
}

/** Reads until the value is near, and stays so: the word of a write of before may come late. */
export async function untilNear(cache: Cache, key: string): Promise<void> {
  let inARow = 0;
  await until(`"${key}" is near`, async () => {
    const { hits } = nearStats(cache);
    await cache.get(key);
    inARow = nearStats(cache).hits > hits ? inARow + 1 : 0;
    return inARow === 2;
  });
}

/** Returns the ids of the connections over which a server tells of changes. */
export async function trackingClients(server: RedisServer): Promise<string[]> {
  const list = await server.cli("CLIENT", "LIST");
  const lines = list.split("\n").filter((line) => / flags=\w*B/.test(line));
  return lines.map((line) => /^id=(\d+)/.exec(line)?.[1] ?? "");
}
