import type { NodeRedisClient, RedisCommand, ReplyForm } from "./redis-commands.ts";

/** Sends commands by a client, each reply in the form that was asked for. */
export interface Sender {
  send(command: RedisCommand, form: ReplyForm): Promise<unknown>;
}

/** By a client of any version: it is told the form with each command. */
export class PlainSender implements Sender {
  readonly #client: NodeRedisClient;

  constructor(client: NodeRedisClient) {
    this.#client = client;
  }

  send(command: RedisCommand, { options }: ReplyForm): Promise<unknown> {
    return this.#client.sendCommand(command, options);
  }
}

/**
 * By a client of the version that we open. It copies the options of every command, which costs more than the
 * command itself; a client that was given them beforehand copies nothing. node-redis 5 would forget them.
 */
export class PreparedSender implements Sender {
  readonly #client: Required<NodeRedisClient>;
  readonly #clients = new Map<ReplyForm["options"], Pick<NodeRedisClient, "sendCommand">>();

  constructor(client: Required<NodeRedisClient>) {
    this.#client = client;
  }

  send(command: RedisCommand, { options }: ReplyForm): Promise<unknown> {
    return (this.#clients.get(options) ?? this.#prepare(options)).sendCommand(command);
  }

  #prepare(options: ReplyForm["options"]): Pick<NodeRedisClient, "sendCommand"> {
    const prepared = this.#client.withCommandOptions(options);
    this.#clients.set(options, prepared);
    return prepared;
  }
}
