import type { IncomingMessage } from "node:http";
import { Socket } from "node:net";

/** Lets go of what was held. */
type Release = () => void;

/**
 * Holds back what is written to the response of a session's request. express-session writes all but the last
 * byte before its session is stored, and a browser follows a redirect as soon as it has the head: its next
 * request could come before the session is there. In one piece it is also one write less.
 *
 * Only for HTTP/1, where a request has its connection to itself.
 */
export function corkResponse(session: unknown): Release {
  const socket = connectionOf(session);
  if (!socket) return nothing;
  socket.cork();
  return () => socket.uncork(); // nothing to do where the end of the response has uncorked it
}

/** express-session's sessions have their request, where they have one, as `req`. */
function connectionOf(session: unknown): Socket | undefined {
  if (typeof session !== "object" || session === null) return undefined; // for the store to refuse
  const request =
    "req" in session ? (session.req as Partial<IncomingMessage> | undefined) : undefined;
  if (request?.httpVersionMajor !== 1) return undefined;
  return request.socket instanceof Socket ? request.socket : undefined;
}

function nothing(): void {
  // nothing was held
}
