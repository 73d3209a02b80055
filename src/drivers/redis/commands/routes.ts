import type { Command } from "./command.ts";
import type { ConnectionSource } from "./connection-source.ts";
import type { LiveConnection } from "./live-connection.ts";

/** Which server a command goes to: the one question that a topology answers. */
export interface Routes {
  /** The source of every command where there is one server; `undefined` where {@link Routes.sourceFor} chooses. */
  readonly only: ConnectionSource | undefined;

  /** Returns the source for a command. */
  sourceFor(command: Command): ConnectionSource;

  /** Returns the source at which to repeat a command that a server refused to run; `undefined`: nowhere. */
  detour(
    refusal: Error,
    command: Command,
    connection: LiveConnection,
  ): ConnectionSource | undefined;
}
