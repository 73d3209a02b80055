import {
  type CacheError,
  CommandTimeoutError,
  StoreUnavailableError,
} from "../../contracts/errors.ts";
import { settleWithin } from "../../kit/deadline.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { createNodeRedis, sendThrough } from "./node-redis.ts";
import type { NodeRedisClient, RedisArgument, RedisCommands, ReplyForm } from "./redis-commands.ts";
import { isWrite, toCacheError } from "./redis-errors.ts";

/** How much longer than `connectTimeoutMs` a call may take that had to connect first. */
const firstCallGraceMs = 100;

/** Told what becomes of a connection. */
export interface ConnectionListener {
  connected(): void;
  /** The connection is gone; without `cause` it was closed on purpose. */
  disconnected(cause?: unknown): void;
}

/**
 * One connection to one Redis, opened by the first command, however many come at once.
 *
 * A connection that is lost fails what was under way, and the next command opens a new one:
 * nothing waits in a queue for it, and nothing is sent again.
 */
export class Connection implements RedisCommands {
  readonly #options: ConnectionOptions;
  readonly #listeners = new Set<ConnectionListener>();
  #client: NodeRedisClient | undefined;
  #opening: Promise<NodeRedisClient> | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  send(command: readonly RedisArgument[], form: ReplyForm = "text"): Promise<unknown> {
    const client = this.#client;
    return client
      ? ask(client, command, form, this.#options.commandTimeoutMs)
      : this.#connectAndSend(command, form);
  }

  /** Returns the client, connected. Callers that come while it connects share the attempt. */
  async native(): Promise<NodeRedisClient> {
    if (this.#client) return this.#client;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  listen(listener: ConnectionListener): void {
    this.#listeners.add(listener);
  }

  unlisten(listener: ConnectionListener): void {
    this.#listeners.delete(listener);
  }

  /** Lets go of the server once its answers are in, or once `commandTimeoutMs` is over. */
  async close(): Promise<void> {
    const client = this.#client ?? (await this.#opening?.catch(() => undefined));
    this.#client = undefined;
    if (!client) return;
    try {
      await settleWithin(client.close(), this.#options.commandTimeoutMs, { late: unanswered });
    } catch {
      client.destroy(); // it did not part in peace: closed is closed
    }
    for (const listener of this.#listeners) listener.disconnected();
  }

  async #connectAndSend(command: readonly RedisArgument[], form: ReplyForm): Promise<unknown> {
    const startedMs = performance.now();
    const client = await this.native();
    const { connectTimeoutMs, commandTimeoutMs } = this.#options;
    const leftMs = connectTimeoutMs + firstCallGraceMs - (performance.now() - startedMs);
    return ask(client, command, form, Math.min(commandTimeoutMs, Math.max(leftMs, 1)));
  }

  async #open(): Promise<NodeRedisClient> {
    const { connectTimeoutMs } = this.#options;
    const client = await createNodeRedis(this.#options);
    client.on("error", (cause) => this.#lose(client, cause));
    try {
      const late = (): Error => new Error(`not connected within ${connectTimeoutMs} ms`);
      await settleWithin(client.connect(), connectTimeoutMs, { late });
    } catch (error) {
      client.destroy();
      throw notConnected(error);
    }
    this.#client = client;
    for (const listener of this.#listeners) listener.connected();
    return client;
  }

  /** Any error of the client while it is in use is doubt about its stream: it is not used again. */
  #lose(client: NodeRedisClient, cause: unknown): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    client.destroy();
    for (const listener of this.#listeners) listener.disconnected(cause);
  }
}

/** Sends over a connected client and bounds the wait. */
export function ask(
  client: NodeRedisClient,
  command: readonly RedisArgument[],
  form: ReplyForm,
  timeoutMs: number,
): Promise<unknown> {
  return settleWithin(sendThrough(client, command, form), timeoutMs, {
    late: () => lateAnswer(command, timeoutMs),
    explain: (error) => toCacheError(error, command),
  });
}

function lateAnswer(command: readonly RedisArgument[], timeoutMs: number): CommandTimeoutError {
  const context = { operation: String(command[0]), maybeApplied: isWrite(command) };
  return new CommandTimeoutError(Math.round(timeoutMs), context);
}

function unanswered(): Error {
  return new Error("answers are still owed");
}

/** A server that refused keeps its own error; all else is a server that could not be reached. */
function notConnected(error: unknown): CacheError {
  const meaning = toCacheError(error, ["connect"]);
  if (!(meaning instanceof StoreUnavailableError)) return meaning;
  const reason = error instanceof Error ? error.message : "cannot connect";
  return new StoreUnavailableError(reason, { operation: "connect", cause: error });
}
