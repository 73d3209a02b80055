import type { ScanRules } from "../../contracts/store.ts";
import type { RedisCommands } from "./redis-commands.ts";

/**
 * Walks the keyspace with SCAN, a batch of matching keys, often none, per round trip. Guarantees are SCAN's own: https://redis.io/docs/latest/commands/scan/.
 */
export async function* scanKeys(
  redis: RedisCommands,
  pattern: string,
  { count }: ScanRules,
): AsyncGenerator<readonly string[]> {
  let cursor = "0";
  do {
    const reply = await redis.send(["SCAN", cursor, "MATCH", pattern, "COUNT", String(count)]);
    const [next, keys] = reply as [string, string[]]; // SCAN's reply shape
    yield keys;
    cursor = next;
  } while (cursor !== "0");
}
