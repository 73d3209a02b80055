import { createHash } from "node:crypto";
import { canonicalText, type Opaque } from "../../../kit/canonical.ts";
import { CommandExecutor } from "../commands/command-executor.ts";
import { Connection } from "../connection/connection.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { OneServer } from "./one-server.ts";

/** A server, and what all caches that use it share. */
interface ServerParts {
  readonly connection: Connection;
  readonly commands: CommandExecutor;
}

/** A server that some number of caches use. */
export interface SharedServer extends ServerParts {
  /** Gives it back; the last user closes it. Calling it again does nothing. */
  readonly release: () => Promise<void>;
}

interface Entry extends ServerParts {
  users: number;
}

const shared = new Map<string, Entry>();
const identities = new WeakMap<object, number>();
let identified = 0;

/**
 * Returns this process's connection for these options. All of them count: two caches that differ in database,
 * credentials, TLS or timeouts never share one (django-redis issue 685).
 */
export function shareServer(options: ConnectionOptions): SharedServer {
  const id = fingerprint(options);
  const entry = shared.get(id) ?? { ...partsFor(options), users: 0 };
  shared.set(id, entry);
  entry.users += 1;

  let released: Promise<void> | undefined;
  return {
    ...entry,
    release: () => (released ??= giveBack(id, entry)),
  };
}

function partsFor(options: ConnectionOptions): ServerParts {
  const connection = new Connection(options);
  return { connection, commands: new CommandExecutor(new OneServer(connection), options) };
}

async function giveBack(id: string, entry: Entry): Promise<void> {
  entry.users -= 1;
  if (entry.users > 0) return;
  shared.delete(id);
  await entry.connection.close();
}

/** A digest, so that no password stays in memory as a key. Functions and other opaque values count by identity. */
function fingerprint(options: ConnectionOptions): string {
  return createHash("sha256").update(canonicalText(options, identityOf)).digest("base64url");
}

function identityOf(opaque: Opaque): string {
  if (typeof opaque === "symbol") return String(opaque);
  const identity = identities.get(opaque) ?? ++identified;
  identities.set(opaque, identity);
  return `#${identity}`;
}
