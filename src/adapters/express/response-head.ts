import type { ServerResponse } from "node:http";
import { markPersonal, valuesOf } from "../http-session/personal-response.ts";
import { headersToDrop } from "../http-session/replaced-response.ts";
import type { SessionHeaders } from "../http-session/request-session.ts";

/** A header that is there. */
type SentValue = number | string | readonly string[];

/**
 * Applies the arguments of `writeHead` that follow the status to the response's status and headers.
 *
 * @throws TypeError for an invalid header, as `writeHead` does
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

/** Reads the forms of headers that `writeHead` accepts: an object, a list of alternating names and values, or pairs. */
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
    (values.length > 1 ? values : values[0]) as SentValue, // setHeader refuses anything else
  ]);
}

/** Returns a function that restores the response's present status and headers. */
export function rememberHead(response: ServerResponse): () => void {
  const { statusCode, statusMessage } = response;
  const headers = new Map(
    rawNames(response).map((name) => [name, response.getHeader(name) as SentValue]), // all of them are set
  );
  return () => {
    Object.assign(response, { statusCode, statusMessage });
    for (const name of rawNames(response)) if (!headers.has(name)) response.removeHeader(name);
    for (const [name, value] of headers) {
      if (response.getHeader(name) !== value) response.setHeader(name, value);
    }
  };
}

/** Adds the session's headers to those of the response. */
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

/** A method that the types of Node's responses lack. */
interface Named {
  getRawHeaderNames?(): string[];
}

/** Returns header names in their original case; none for a stand-in without that method. */
function rawNames(response: ServerResponse & Named): string[] {
  return response.getRawHeaderNames?.() ?? [];
}
