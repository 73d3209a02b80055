import type { FastifyReply } from "fastify";
import { markPersonal, valuesOf } from "../http-session/personal-response.ts";
import { headersToDrop } from "../http-session/replaced-response.ts";

/** Puts a `Set-Cookie` header beside the others, in the place of an earlier one. */
export function replaceSetCookie(
  reply: FastifyReply,
  earlier: string | undefined,
  cookie: string | undefined,
): void {
  if (cookie === earlier) return;
  const others = valuesOf(reply.getHeader("set-cookie")).filter((value) => value !== earlier);
  // Also from the raw response, whose cookies Fastify would leave out otherwise.
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
