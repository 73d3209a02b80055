import { unlessAborted } from "../../kit/abort.ts";
import { settleWithin } from "../../kit/deadline.ts";
import type { NodeRedisClient } from "./redis-commands.ts";

/** How long a client may take to connect. */
export interface ConnectBounds {
  /** For TCP and TLS. */
  readonly connectTimeoutMs: number;
  /** For the sign-in that follows. */
  readonly commandTimeoutMs: number;
}

/** Connects a client, or ends it: out of time, or when `signal` aborts. */
export async function connect(
  client: NodeRedisClient,
  { connectTimeoutMs, commandTimeoutMs }: ConnectBounds,
  signal: AbortSignal,
): Promise<void> {
  client.on("error", () => undefined); // node-redis throws where nobody listens
  const reached = new Promise<void>((resolve) => client.once("connect", resolve));
  const ready = client.connect();
  const within = <T>(work: Promise<T>, ms: number): Promise<T> =>
    unlessAborted(settleWithin(work, ms, tooLate), signal);
  try {
    await within(Promise.race([reached, ready]), Math.max(1, connectTimeoutMs));
    await within(ready, commandTimeoutMs);
  } catch (error) {
    end(client);
    throw error;
  }
}

/** A client that is still being connected does not heed `destroy`: it is told again when it is. */
function end(client: NodeRedisClient): void {
  client.once("connect", () => client.destroy());
  client.destroy();
}

function tooLate(): Error {
  return new Error("not connected in time");
}
