import type { IncomingHttpHeaders } from "node:http";

const loopbackNames = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Returns whether a form may have come from a page of ours.
 *
 * Browsers say where a form comes from, and scripts cannot change it. Programs such as curl say
 * nothing: no site can make them send a form, so they may.
 */
export function isSameOrigin(headers: IncomingHttpHeaders): boolean {
  const { host = "", origin } = headers;
  // Otherwise a foreign name that was pointed at this machine would count as ours.
  if (!loopbackNames.has(host.replace(/:\d+$/, "").toLowerCase())) return false;

  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin") return false;
  return origin === undefined || origin === `http://${host}`;
}
