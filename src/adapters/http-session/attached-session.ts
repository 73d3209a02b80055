import { ConfigurationError } from "../../contracts/errors.ts";
import type { Session } from "../../contracts/sessions.ts";
import { ObjectTags } from "./object-tags.ts";

/** The sessions that a middleware of ours gave to a request. */
const attached: ObjectTags<true> = new ObjectTags();

/**
 * Gives a request or a context its session, as the property `session`. An assignment to it throws:
 * other packages log out by one, which would end nothing here.
 *
 * @param name what handlers call the property, for errors
 */
export function attachSession(holder: object, session: Session, name: string): void {
  markAttached(session);
  Object.defineProperty(holder, "session", {
    configurable: true,
    enumerable: true,
    get: () => session,
    set: () => {
      throw new TypeError(
        `${name} cannot be replaced: await ${name}.destroy(), or ${name}.clear().`,
      );
    },
  });
}

/** Marks a session that its framework keeps for the request. */
export function markAttached(session: Session): void {
  attached.set(session, true);
}

/**
 * Returns the error of a request that has the session of another package already; `undefined` where the
 * session is ours, and a second middleware has nothing to do.
 */
export function foreignSessionError(
  session: unknown,
  name: string,
): ConfigurationError | undefined {
  if (typeof session === "object" && session !== null && attached.get(session)) return undefined;
  const problem = `${name} is set already: an application has one session middleware.`;
  return new ConfigurationError("sessionMiddleware", problem);
}
