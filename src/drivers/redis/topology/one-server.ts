import type { Command } from "../commands/command.ts";
import type { ConnectionSource } from "../commands/connection-source.ts";
import type { LiveConnection } from "../commands/live-connection.ts";
import type { Routes } from "../commands/routes.ts";

/** The routes to one server, whose name may lead to another one after a failover. */
export class OneServer implements Routes {
  readonly only: ConnectionSource;

  constructor(source: ConnectionSource) {
    this.only = source;
  }

  sourceFor(): ConnectionSource {
    return this.only;
  }

  detour(
    refusal: Error,
    _command: Command,
    connection: LiveConnection,
  ): ConnectionSource | undefined {
    return this.only.renew(connection, refusal) ? this.only : undefined;
  }
}
