import type { FastifyReply } from "fastify";
import { markPersonal, valuesOf } from "../http-session/personal-response.ts";
import { headersToDrop } from "../http-session/replaced-response.ts";

/** Adds a `Set-Cookie` header to those of others, in place of `earlier`. */
export function replaceSetCookie(
  reply: FastifyReply,
  earlier: string | undefined,
  cookie: string | undefined,
): void {
  if (cookie === earlier) return;
  const others = valuesOf(reply.getHeader("set-cookie")).filter((value) => value !== earlier);
  // Removes cookies of the raw response as well, which Fastify would not send beside its own.
  reply.removeHeader("set-cookie");
  const cookies = cookie === undefined ? others : [...others, cookie];
  if (cookies.length > 0) reply.header("set-cookie", cookies);
}

/** Keeps the reply out of shared caches. */
export function markReplyPersonal(reply: FastifyReply): void {
  markPersonal({
    get: (name) => reply.getHeader(name),
    set: (name, value) => void reply.header(name, value),
  });
}

/** Takes back the headers of a body that an error replaces. */
export function dropBodyHeaders(reply: FastifyReply): void {
  for (const name of headersToDrop(Object.keys(reply.getHeaders()))) reply.removeHeader(name);
}
