import { StoreUnavailableError } from "../../contracts/errors.ts";
import { settleWithin } from "../../kit/deadline.ts";
import { type AnswerWatch, ask } from "./ask.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { createNodeRedis } from "./node-redis.ts";
import type { NodeRedisClient, RedisArgument, RedisCommands, ReplyForm } from "./redis-commands.ts";
import { toCacheError } from "./redis-errors.ts";

/** How much longer than `connectTimeoutMs` a call may take that had to connect first. */
const firstCallGraceMs = 100;

/** Told what becomes of a connection. */
export interface ConnectionListener {
  connected(): void;
  /** The connection is gone; without `cause` it was closed on purpose. */
  disconnected(cause?: unknown): void;
}

/** A connected client, and whether it is heard of. */
interface Link extends AnswerWatch {
  readonly client: NodeRedisClient;
}

/**
 * One connection to one Redis, opened by the first command, however many come at once.
 *
 * A connection that is lost fails what was under way, and the next command opens a new one:
 * nothing waits in a queue for it, and nothing is sent again. One that owes an answer and has been
 * silent since counts as lost: TCP would tell only after minutes.
 */
export class Connection implements RedisCommands {
  readonly #options: ConnectionOptions;
  readonly #listeners = new Set<ConnectionListener>();
  #link: Link | undefined;
  #opening: Promise<Link> | undefined;
  #isClosed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  send(command: readonly RedisArgument[], form: ReplyForm = "text"): Promise<unknown> {
    const link = this.#link;
    if (!link?.client.isReady) return this.#connectAndSend(command, form);
    const question = { command, form, timeoutMs: this.#options.commandTimeoutMs };
    return ask(link.client, question, link);
  }

  /** Returns the client, connected. */
  async native(): Promise<NodeRedisClient> {
    const { client } = await this.#linked();
    return client;
  }

  /** Tells `listener` at once, too, when the connection is up already. */
  listen(listener: ConnectionListener): void {
    this.#listeners.add(listener);
    if (this.#link) listener.connected();
  }

  unlisten(listener: ConnectionListener): void {
    this.#listeners.delete(listener);
  }

  /** Lets go of the server once its answers are in, or once `commandTimeoutMs` is over. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const link = this.#link ?? (await this.#opening?.catch(() => undefined));
    this.#link = undefined;
    if (!link) return;
    try {
      await settleWithin(link.client.close(), this.#options.commandTimeoutMs, unanswered);
    } catch {
      link.client.destroy(); // it did not part in peace: closed is closed
    }
    for (const listener of this.#listeners) listener.disconnected();
  }

  async #connectAndSend(command: readonly RedisArgument[], form: ReplyForm): Promise<unknown> {
    const startedMs = performance.now();
    const link = await this.#linked();
    const { connectTimeoutMs, commandTimeoutMs } = this.#options;
    const leftMs = connectTimeoutMs + firstCallGraceMs - (performance.now() - startedMs);
    const timeoutMs = Math.min(commandTimeoutMs, Math.max(leftMs, 1));
    return ask(link.client, { command, form, timeoutMs }, link);
  }

  /**
   * Callers that come while it connects share the attempt. A client that is not ready was ended by
   * somebody who got hold of it: that is a loss like any other.
   */
  async #linked(): Promise<Link> {
    if (this.#isClosed) throw closed();
    const link = this.#link;
    if (link?.client.isReady) return link;
    if (link) this.#lose(link, new Error("the client was ended from outside"));
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #open(): Promise<Link> {
    const { connectTimeoutMs } = this.#options;
    const startedMs = performance.now();
    const client = await createNodeRedis(this.#options);
    const link = this.#linkOf(client);
    client.on("error", (cause) => this.#lose(link, cause));
    try {
      const leftMs = connectTimeoutMs - (performance.now() - startedMs); // loading took some
      const late = (): Error => new Error(`not connected within ${connectTimeoutMs} ms`);
      await settleWithin(client.connect(), Math.max(leftMs, 1), late);
    } catch (error) {
      client.destroy();
      throw notConnected(error);
    }
    this.#link = link;
    for (const listener of this.#listeners) listener.connected();
    return link;
  }

  #linkOf(client: NodeRedisClient): Link {
    const link: Link = {
      client,
      answers: 0,
      overdue: (answersBefore) => {
        if (link.answers === answersBefore) this.#lose(link, new Error("the server fell silent"));
      },
    };
    return link;
  }

  /** Any error of the client while it is in use is doubt about its stream: it is not used again. */
  #lose(link: Link, cause: unknown): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    link.client.destroy();
    for (const listener of this.#listeners) listener.disconnected(cause);
  }
}

function closed(): StoreUnavailableError {
  return new StoreUnavailableError("the connection was closed", { operation: "connect" });
}

function unanswered(): Error {
  return new Error("answers are still owed");
}

/** A server that refused keeps its own error; all else is a server that could not be reached. */
function notConnected(error: unknown): Error {
  const meaning = toCacheError(error, ["connect"]);
  if (!(meaning instanceof StoreUnavailableError)) return meaning;
  const reason = reasonOf(error) || "cannot connect";
  return new StoreUnavailableError(reason, { operation: "connect", cause: error });
}

/** A host with several addresses fails with an error per address, and no message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : "";
}
