import { createHash } from "node:crypto";
import { canonicalText, type Opaque } from "../../kit/canonical.ts";
import { CircuitBreaker } from "../../kit/circuit-breaker.ts";
import { BoundedCommands } from "./bounded-commands.ts";
import { Connection } from "./connection.ts";
import type { ConnectionOptions } from "./connection-options.ts";

/** A connection, and what all who use it share beside it. */
interface ConnectionParts {
  readonly connection: Connection;
  readonly breaker: CircuitBreaker;
  readonly commands: BoundedCommands;
}

/** A connection in use by some number of caches. */
export interface ConnectionLease extends ConnectionParts {
  /** Gives it back; the last user closes it. Calling it again does nothing. */
  readonly release: () => Promise<void>;
}

interface Shared extends ConnectionParts {
  users: number;
}

const shared = new Map<string, Shared>();
const identities = new WeakMap<object, number>();
let identified = 0;

/**
 * Returns this process's connection for these options. All of them count, so two caches that
 * differ in database, credentials, TLS or timeouts never meet on one (django-redis issue 685).
 */
export function leaseConnection(options: ConnectionOptions): ConnectionLease {
  const id = fingerprint(options);
  const entry = shared.get(id) ?? { ...connectionParts(options), users: 0 };
  shared.set(id, entry);
  entry.users += 1;

  let released: Promise<void> | undefined;
  return {
    ...entry,
    release: () => (released ??= giveBack(id, entry)),
  };
}

function connectionParts(options: ConnectionOptions): ConnectionParts {
  const breaker = new CircuitBreaker(options.circuit);
  const connection = new Connection(options, breaker);
  return { connection, breaker, commands: new BoundedCommands(connection, breaker, options) };
}

async function giveBack(id: string, entry: Shared): Promise<void> {
  entry.users -= 1;
  if (entry.users > 0) return;
  shared.delete(id);
  entry.commands.close();
  await entry.connection.close();
}

/** A digest, so that no password lies about as a key. Functions and the like count by identity. */
function fingerprint(options: ConnectionOptions): string {
  return createHash("sha256").update(canonicalText(options, identityOf)).digest("base64url");
}

function identityOf(opaque: Opaque): string {
  if (typeof opaque === "symbol") return String(opaque);
  const identity = identities.get(opaque) ?? ++identified;
  identities.set(opaque, identity);
  return `#${identity}`;
}
