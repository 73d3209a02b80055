import type { InvalidationListener } from "../../contracts/invalidation.ts";
import { settleWithin } from "../../kit/deadline.ts";
import { Silence } from "./carrier.ts";
import type { RedisCommand, ReplyForm } from "./redis-commands.ts";
import { isOutage, toCacheError } from "./redis-errors.ts";
import { pongReply, statusReply } from "./reply-forms.ts";
import type { TrackingClient } from "./tracking-client.ts";

/** How long the word of a link holds, counted from the moment of the question that it answered. */
const trustMs = 2_000;

/** How often it is asked. */
const pingEveryMs = 700;

/** How long an answer may take. With the pause before the question, this is less than `trustMs`. */
const answerMs = 1_000;

/** What a {@link TrackingLink} needs to know. */
export interface TrackingLinkRules {
  readonly listener: InvalidationListener;
  /** What the stored keys begin with; `undefined`: all keys. */
  readonly prefix: string | undefined;
  /** Told once, when the link is given up. */
  readonly lost: () => void;
}

/**
 * A connected client over which the server tells of changed keys. It is asked all the time whether
 * it lives: a link that went dead would tell of nothing, just as one on which nothing happens.
 */
export class TrackingLink {
  readonly #client: TrackingClient;
  readonly #rules: TrackingLinkRules;
  #pinging: NodeJS.Timeout | undefined;
  #isLost = false;

  constructor(client: TrackingClient, rules: TrackingLinkRules) {
    this.#client = client;
    this.#rules = rules;
    client.on("error", () => this.lose());
    client.on("invalidate", (key) => this.#tell(key));
  }

  /**
   * Makes the server tell of every key with the prefix, whoever has read it. The client has turned
   * on the mode in which it tells of keys that were read over this very link, of which there are none.
   */
  async begin(): Promise<void> {
    const { prefix, listener } = this.#rules;
    const only = prefix === undefined ? [] : ["PREFIX", prefix];
    await this.#ask(["CLIENT", "TRACKING", "OFF"], statusReply);
    const askedAtMs = performance.now();
    await this.#ask(["CLIENT", "TRACKING", "ON", "BCAST", ...only], statusReply);
    if (this.#isLost) throw new Silence("the link was lost meanwhile");
    listener.trustedUntil(askedAtMs + trustMs);
    this.#pinging = setInterval(() => void this.#ping(), pingEveryMs).unref();
  }

  /** Gives it up, with all that is known by it. */
  lose(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    clearInterval(this.#pinging);
    this.#client.destroy();
    this.#rules.listener.lostTrack();
    this.#rules.lost();
  }

  #tell(key: Buffer | null): void {
    if (key === null) this.#rules.listener.flushed();
    else this.#rules.listener.invalidated(key.toString());
  }

  /** Answers come in the order of the questions, and after what was told before: all is known up to the question. */
  async #ping(): Promise<void> {
    const askedAtMs = performance.now();
    try {
      await this.#ask(["PING"], pongReply);
    } catch (error) {
      if (isOutage(toCacheError(error, ["PING"]))) return this.lose();
    }
    if (!this.#isLost) this.#rules.listener.trustedUntil(askedAtMs + trustMs);
  }

  async #ask(command: RedisCommand, form: ReplyForm): Promise<void> {
    const answer = this.#client.sendCommand(command, form.options);
    const reply = await settleWithin(answer, answerMs, () => new Silence());
    if (!form.fits(reply, command)) throw new Silence("the server's answer fits no question");
  }
}
