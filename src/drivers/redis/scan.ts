import type { ScanRules } from "../../contracts/store.ts";
import type { RedisCommands } from "./redis-commands.ts";
import { scanReply } from "./reply-forms.ts";

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
    const command = ["SCAN", cursor, "MATCH", pattern, "COUNT", String(count)];
    const [next, keys] = (await redis.send(command, scanReply)) as [string, string[]]; // its form
    yield keys;
    cursor = next;
  } while (cursor !== "0");
}
