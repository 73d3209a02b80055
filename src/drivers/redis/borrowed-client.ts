import { StoreUnavailableError } from "../../contracts/errors.ts";
import { ask } from "./ask.ts";
import type { NodeRedisClient, RedisArgument, RedisCommands, ReplyForm } from "./redis-commands.ts";

/** Commands over a client of the user's: connecting, listening and closing stay the user's. */
export class BorrowedClient implements RedisCommands {
  readonly #client: NodeRedisClient;
  readonly #timeoutMs: number;

  constructor(client: NodeRedisClient, timeoutMs: number) {
    this.#client = client;
    this.#timeoutMs = timeoutMs;
  }

  async send(command: readonly RedisArgument[], form: ReplyForm = "text"): Promise<unknown> {
    if (this.#client.isReady)
      return ask(this.#client, { command, form, timeoutMs: this.#timeoutMs });
    const context = { operation: String(command[0]), cause: undefined };
    throw new StoreUnavailableError("the client given as `client` is not connected", context);
  }
}
