import type { FastifyReply } from "fastify";
import { headersToDrop } from "../http-session/replaced-response.ts";
import { varyWithCookie } from "../http-session/vary.ts";

/** Puts a `Set-Cookie` header beside the others, in the place of an earlier one. */
export function replaceSetCookie(
  reply: FastifyReply,
  earlier: string | undefined,
  cookie: string | undefined,
): void {
  if (cookie === earlier) return;
  const others = valuesOf(reply, "set-cookie").filter((value) => value !== earlier);
  // Also from the raw response, whose cookies Fastify would leave out otherwise.
  reply.removeHeader("set-cookie");
  const cookies = cookie === undefined ? others : [...others, cookie];
  if (cookies.length > 0) reply.header("set-cookie", cookies);
}

/** Says that nobody else may be given this response. */
export function markPersonal(reply: FastifyReply): void {
  reply.header("vary", varyWithCookie(valuesOf(reply, "vary")));
  if (!reply.hasHeader("cache-control")) reply.header("cache-control", "private");
}

/** Takes back the headers of a body that an error replaces. */
export function dropBodyHeaders(reply: FastifyReply): void {
  for (const name of headersToDrop(Object.keys(reply.getHeaders()))) reply.removeHeader(name);
}

function valuesOf(reply: FastifyReply, name: string): string[] {
  const value = reply.getHeader(name);
  return value === undefined ? [] : [value].flat().map(String);
}
