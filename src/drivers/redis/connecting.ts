import { settleWithin } from "../../kit/deadline.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import type { NodeRedisClient } from "./redis-commands.ts";

/**
 * Connects a client, or ends it: TCP and TLS within `connectTimeoutMs`, and the sign-in that
 * follows within `commandTimeoutMs`, as long as that leaves it within `connectTimeoutMs` in all.
 */
export async function connectWithin(
  client: NodeRedisClient,
  { connectTimeoutMs, commandTimeoutMs }: ConnectionOptions,
  startedMs: number,
): Promise<void> {
  client.on("error", () => undefined); // node-redis throws where nobody listens
  const reached = new Promise<void>((resolve) => client.once("connect", resolve));
  const ready = client.connect();
  try {
    await settleWithin(Promise.race([reached, ready]), leftMs(), () => late(connectTimeoutMs));
    const signInMs = Math.min(leftMs(), commandTimeoutMs);
    await settleWithin(ready, signInMs, () => late(Math.round(performance.now() - startedMs)));
  } catch (error) {
    ready.catch(() => undefined); // it is given up: nobody waits for it any more
    client.destroy();
    throw error;
  }

  function leftMs(): number {
    return Math.max(1, connectTimeoutMs - (performance.now() - startedMs));
  }
}

function late(ms: number): Error {
  return new Error(`not connected within ${ms} ms`);
}
