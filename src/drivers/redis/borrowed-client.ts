import { StoreUnavailableError } from "../../contracts/errors.ts";
import type { Carrier, Link } from "./carrier.ts";
import type { NodeRedisClient } from "./redis-commands.ts";
import { PlainSender } from "./sender.ts";

/** A client of the user's: connecting, listening and closing stay the user's. */
export class BorrowedClient implements Carrier {
  readonly linkTimeoutMs: number;
  /** Whether it is connected by now is worth a look ten times a second. */
  readonly pauseMs = 100;
  readonly #link: Link;

  constructor(client: NodeRedisClient, timeoutMs: number) {
    this.linkTimeoutMs = timeoutMs;
    const sender = new PlainSender(client);
    this.#link = { client, sender, answers: 0, lostBecause: undefined, lose: () => undefined };
  }

  get link(): Link | undefined {
    return this.#link.client.isReady ? this.#link : undefined;
  }

  async linked(): Promise<Link> {
    if (this.link) return this.link;
    const problem = "the client given as `client` is not connected";
    throw new StoreUnavailableError(problem, { operation: "connect" });
  }

  renew(): boolean {
    return false;
  }
}
