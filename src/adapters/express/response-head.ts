import type { ServerResponse } from "node:http";
import { markPersonal, valuesOf } from "../http-session/personal-response.ts";
import { headersToDrop } from "../http-session/replaced-response.ts";
import type { SessionHeaders } from "../http-session/request-session.ts";

/** A header that is there. */
type SentValue = number | string | readonly string[];

/**
 * Puts what `writeHead` was given, after the status, into the response's status and headers.
 *
 * @throws TypeError for a header that cannot be, as `writeHead` does
 */
export function applyHead(
  response: ServerResponse,
  status: number,
  [reason, headers = reason]: readonly unknown[],
): void {
  for (const [name, values] of headersOf(headers)) response.setHeader(name, values);
  if (typeof reason === "string") response.statusMessage = reason;
  response.statusCode = status;
}

/** Returns the headers out of the forms that `writeHead` knows: an object, names and values in turn, or pairs of them. */
function headersOf(headers: unknown): readonly (readonly [string, SentValue])[] {
  if (typeof headers !== "object" || headers === null) return [];
  if (!Array.isArray(headers)) return Object.entries(headers);
  const flat: readonly unknown[] = Array.isArray(headers[0]) ? headers.flat() : headers;
  const byName = new Map<string, readonly [string, unknown[]]>();
  for (let at = 0; at < flat.length; at += 2) {
    const name = String(flat[at]);
    const [written, values] = byName.get(name.toLowerCase()) ?? [name, []];
    byName.set(name.toLowerCase(), [written, [...values, flat[at + 1]].flat()]);
  }
  return Array.from(byName.values(), ([name, values]) => [
    name,
    (values.length > 1 ? values : values[0]) as SentValue, // or anything else, which setHeader refuses
  ]);
}

/** Remembers a response's status and headers. Returns what restores them. */
export function rememberHead(response: ServerResponse): () => void {
  const { statusCode, statusMessage } = response;
  const headers = new Map(
    rawNames(response).map((name) => [name, response.getHeader(name) as SentValue]), // it has them
  );
  return () => {
    Object.assign(response, { statusCode, statusMessage });
    for (const name of rawNames(response)) if (!headers.has(name)) response.removeHeader(name);
    for (const [name, value] of headers) {
      if (response.getHeader(name) !== value) response.setHeader(name, value);
    }
  };
}

/** Adds what the session's response has to carry to what it carries already. */
export function addSessionHeaders(
  response: ServerResponse,
  { setCookie, isPersonal }: SessionHeaders,
): void {
  if (setCookie !== undefined) {
    response.setHeader("Set-Cookie", [...valuesOf(response.getHeader("Set-Cookie")), setCookie]);
  }
  if (!isPersonal) return;
  markPersonal({
    get: (name) => response.getHeader(name),
    set: (name, value) => response.setHeader(name, value),
  });
}

/** Takes back the status and the headers of a body that an error replaces. */
export function dropHead(response: ServerResponse, status: number): void {
  for (const name of headersToDrop(response.getHeaderNames())) response.removeHeader(name);
  Reflect.deleteProperty(response, "statusMessage"); // the prototype's derives from the status
  response.statusCode = status;
}

/** What the types of Node's responses leave out. */
interface Named {
  getRawHeaderNames?(): string[];
}

/** Names as they were written; none of a stand-in that cannot tell them. */
function rawNames(response: ServerResponse & Named): string[] {
  return response.getRawHeaderNames?.() ?? [];
}
