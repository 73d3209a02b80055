/** The value of a response header, in the forms that frameworks return it. */
export type HeaderValue = number | string | readonly string[] | undefined;

/** The headers of a response, read and written by the means of its framework. */
export interface ResponseHeaders {
  get(name: "Vary" | "Cache-Control"): HeaderValue;
  set(name: "Vary" | "Cache-Control", value: string): void;
}

/**
 * Keeps a response that depends on its visitor out of caches that visitors share: adds `Cookie` to its
 * `Vary`, and `Cache-Control: private` unless the response has a `Cache-Control` of its own.
 */
export function markPersonal(headers: ResponseHeaders): void {
  headers.set("Vary", varyWithCookie(valuesOf(headers.get("Vary"))));
  if (headers.get("Cache-Control") === undefined) headers.set("Cache-Control", "private");
}

/** Returns a header's values, one for each time that it is sent. */
export function valuesOf(value: HeaderValue): string[] {
  return value === undefined ? [] : [value].flat().map(String);
}

/** Returns the names that `Vary` lists, and `Cookie` unless that or `*` is among them. */
function varyWithCookie(values: readonly string[]): string {
  const names = values.flatMap((value) => value.split(",")).map((name) => name.trim());
  const listed = names.filter((name) => name !== "");
  const isListed = listed.some((name) => name === "*" || name.toLowerCase() === "cookie");
  return (isListed ? listed : [...listed, "Cookie"]).join(", ");
}
