import type { IncomingMessage } from "node:http";
import { Socket } from "node:net";

/** Sends the corked bytes. */
type Release = () => void;

/**
 * Corks the connection of a session's request until the session is stored, so that its response is sent
 * in one write. express-session writes all but the last byte before that, and a browser follows a redirect
 * as soon as it has the head: its next request could arrive before the session is stored.
 *
 * Does nothing beyond HTTP/1, where requests share a connection.
 */
export function corkResponse(session: unknown): Release {
  const socket = connectionOf(session);
  if (!socket) return nothing;
  socket.cork();
  return () => socket.uncork(); // a no-op if the end of the response has uncorked it
}

/** Reads the request from `req`, which express-session's session objects have, except those of no request. */
function connectionOf(session: unknown): Socket | undefined {
  if (typeof session !== "object" || session === null) return undefined; // the store refuses it
  const request =
    "req" in session ? (session.req as Partial<IncomingMessage> | undefined) : undefined;
  if (request?.httpVersionMajor !== 1) return undefined;
  return request.socket instanceof Socket ? request.socket : undefined;
}

function nothing(): void {
  // nothing is corked
}
