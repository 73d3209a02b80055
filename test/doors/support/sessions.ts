import { createSessions, type Session, type Sessions } from "../../../src/sessions/index.ts";
import { openCache } from "../../support/open-cache.ts";
import { closedPort } from "../../support/servers.ts";

/** A well-formed id that no session has. */
export const strangeId = "a".repeat(46);

/** Makes sessions in a memory that no other test has. */
export function memorySessions(): Sessions {
  return createSessions({ cache: openCache() });
}

/** Makes sessions in a Redis that is not running. */
export async function unreachableSessions(): Promise<Sessions> {
  const location = `redis://127.0.0.1:${await closedPort()}`;
  return createSessions({ cache: openCache({ location }) });
}

/** Destroys a session as another request would. */
export async function destroyElsewhere(session: Session, sessions: Sessions): Promise<void> {
  await session.save();
  const other = await sessions.load(session.id);
  await other.destroy();
}
