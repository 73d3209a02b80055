import type { Command } from "./command.ts";
import type { ServerClock } from "./server-clock.ts";

/** A connection to one server that has been opened. Under it lies a client library, ours or the user's. */
export interface LiveConnection {
  /** The native client, for `rawClient()`. */
  readonly client: unknown;

  /** Whether commands can be sent now. */
  readonly isReady: boolean;

  /** How many replies have come over it. */
  answers: number;

  /** Why it was given up, once it is. */
  readonly lostBecause: Error | undefined;

  /** The clock of its server. */
  readonly clock: ServerClock;

  /** Sends a command now, and resolves with its reply as it comes. */
  send(command: Command): Promise<unknown>;

  /**
   * Judges a connection on which a command sent at `sentAtMs`, after `answersBefore` replies, has no reply yet.
   * Gives it up as unresponsive, or returns the ms after which to judge again.
   */
  judge(sentAtMs: number, answersBefore: number): number | undefined;

  /** Gives it up, and fails what waits for replies on it. The user's own client stays open. */
  lose(because: Error): void;
}

/** The server owes a reply past its deadline: it hangs, or the connection to it is dead. */
export class UnresponsiveServerError extends Error {
  constructor(message = "the server fell silent") {
    super(message);
  }
}
