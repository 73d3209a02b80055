import type { NodeRedisClient } from "./redis-commands.ts";
import type { Sender } from "./sender.ts";

/** A connected client, and what is known of it. */
export interface Link {
  readonly client: NodeRedisClient;

  /** What its commands go out by. */
  readonly sender: Sender;

  /** How many answers have come over it. */
  answers: number;

  /** Why it was given up, once it is. */
  readonly lostBecause: Error | undefined;

  /** Gives it up, as silent, late or doubtful: whoever waits for an answer on it is failed. */
  lose(because: Error): void;
}

/** The server owes an answer past its deadline: it hangs, or the link to it is dead. */
export class Silence extends Error {
  constructor(message = "the server fell silent") {
    super(message);
  }
}

/** What commands travel by: a connection of ours, or a client of the user's. */
export interface Carrier {
  /** What is connected and ready now. */
  readonly link: Link | undefined;

  /** How long a call may wait for a link, in ms. */
  readonly linkTimeoutMs: number;

  /** How long it will refuse at once to try for a link, in ms. */
  readonly pauseMs: number;

  /** Returns the link, or the one that is being opened. Rejects when there is none to be had. */
  linked(): Promise<Link>;

  /**
   * Leaves a server that turned out to be a replica, for the one that its name leads to now.
   * Returns whether another link may be had.
   */
  renew(link: Link, because: Error): boolean;
}
