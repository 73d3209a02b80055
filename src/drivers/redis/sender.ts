import type { NodeRedisClient, RedisCommand, ReplyForm } from "./redis-commands.ts";

/**
 * Sends by one client, each reply in the form that was asked for. node-redis copies the options of every command,
 * which costs more than the command itself; a client that was given them beforehand copies nothing.
 */
export class Sender {
  readonly #client: NodeRedisClient;
  readonly #clients = new Map<ReplyForm["options"], Pick<NodeRedisClient, "sendCommand">>();

  constructor(client: NodeRedisClient) {
    this.#client = client;
  }

  send(command: RedisCommand, { options }: ReplyForm): Promise<unknown> {
    if (!this.#client.withCommandOptions) return this.#client.sendCommand(command, options);
    return (this.#clients.get(options) ?? this.#clientWith(options)).sendCommand(command);
  }

  #clientWith(options: ReplyForm["options"]): Pick<NodeRedisClient, "sendCommand"> {
    const client = this.#client.withCommandOptions?.(options) ?? this.#client;
    this.#clients.set(options, client);
    return client;
  }
}
