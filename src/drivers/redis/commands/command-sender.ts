import type { Command } from "./command.ts";
import type { LiveConnection } from "./live-connection.ts";

/**
 * Sends commands. Failures reject with the errors of `errors.ts`. Nothing is ever sent twice, unless the server
 * answered that it did nothing.
 */
export interface CommandSender {
  /**
   * Sends a command and resolves with what its reply means. Rejects after the command timeout at the latest.
   *
   * @param calls how many of our users' calls the command serves, 1 by default
   */
  send<Result>(command: Command<Result>, calls?: number): Promise<Result>;

  /**
   * Sends commands of one call, and resolves with a result or an error for each, in their order. Admits all of
   * them or none; rejects where none was sent. Each portion of `keysAtOnce` keys has the whole command timeout.
   */
  sendEach<Result>(
    commands: readonly Command<Result>[],
    rules: EachRules,
  ): Promise<readonly (Result | Error)[]>;
}

/** A sender that tells which server a command would reach. */
export interface ServerCommands extends CommandSender {
  /** Returns the connection that a command would take now, if it is ready. */
  connectionFor(command: Command): LiveConnection | undefined;
}

/** How the commands of one call travel. */
export interface EachRules {
  /** How many keys are under way at once; the next commands leave when those are answered. */
  readonly keysAtOnce: number;
  /** How many of our users' calls they serve, 1 by default. */
  readonly calls?: number;
}

/** Returns the results, or throws the first error among them. */
export function resultsOf<Result>(outcomes: readonly (Result | Error)[]): readonly Result[] {
  const error = outcomes.find((outcome) => outcome instanceof Error);
  if (error !== undefined) throw error;
  return outcomes as readonly Result[]; // none of them is an error
}
