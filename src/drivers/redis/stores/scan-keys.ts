import type { ScanRules } from "../../../contracts/store.ts";
import type { CommandSender } from "../commands/command-sender.ts";
import { scanCommand } from "../commands/key-commands.ts";

/**
 * Walks the keyspace with SCAN: a batch of matching keys, often an empty one, per round trip. The guarantees are
 * SCAN's own (https://redis.io/docs/latest/commands/scan/).
 */
export async function* scanKeys(
  redis: CommandSender,
  pattern: string,
  { count }: ScanRules,
): AsyncGenerator<readonly string[]> {
  let cursor = "0";
  do {
    const step = await redis.send(scanCommand(cursor, pattern, count));
    yield step.keys;
    cursor = step.cursor;
  } while (cursor !== "0");
}
