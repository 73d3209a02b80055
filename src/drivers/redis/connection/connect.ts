import { unlessAborted } from "../../../kit/abort.ts";
import { withTimeout } from "../../../kit/with-timeout.ts";
import type { NodeRedisClient } from "./node-redis.ts";

/** How long a client may take to connect. */
export interface ConnectBounds {
  /** For TCP and TLS. */
  readonly connectTimeoutMs: number;
  /** For the handshake that follows. */
  readonly commandTimeoutMs: number;
}

/** Connects a client. Destroys it if it takes too long, or when `signal` aborts. */
export async function connect(
  client: NodeRedisClient,
  { connectTimeoutMs, commandTimeoutMs }: ConnectBounds,
  signal: AbortSignal,
): Promise<void> {
  client.on("error", () => undefined); // node-redis throws where nobody listens
  const reached = new Promise<void>((resolve) => client.once("connect", resolve));
  const ready = client.connect();
  const within = <T>(work: Promise<T>, ms: number): Promise<T> =>
    unlessAborted(withTimeout(work, ms, tooLate), signal);
  try {
    await within(Promise.race([reached, ready]), Math.max(1, connectTimeoutMs));
    await within(ready, commandTimeoutMs);
  } catch (error) {
    end(client);
    throw error;
  }
}

/** A client that is still connecting does not heed `destroy`: it is destroyed again once it has connected. */
function end(client: NodeRedisClient): void {
  client.once("connect", () => client.destroy());
  client.destroy();
}

function tooLate(): Error {
  return new Error("not connected in time");
}
