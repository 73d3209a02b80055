import { randomBytes } from "node:crypto";

/** What tells one visitor from another. */
export interface VisitorCookie {
  readonly id: string;
  /** Whether the visitor has yet to be given it. */
  readonly isNew: boolean;
}

const name = "docs_reader_visitor";
const lifetimeSeconds = 14 * 24 * 60 * 60;

/** Returns the visitor's id from the header `Cookie`, or a new one. */
export function readVisitorCookie(header = ""): VisitorCookie {
  const id = new RegExp(`(?:^|; *)${name}=([\\w-]{24})(?:;|$)`).exec(header)?.[1];
  return id ? { id, isNew: false } : { id: randomBytes(18).toString("base64url"), isNew: true };
}

/** Returns the header `Set-Cookie`: scripts cannot read it, other sites' forms do not send it. */
export function writeVisitorCookie({ id }: VisitorCookie): string {
  return `${name}=${id}; HttpOnly; SameSite=Lax; Path=/; Max-Age=${lifetimeSeconds}`;
}
