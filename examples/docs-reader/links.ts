import { posix } from "node:path";

/** Returns where the reader shows a document. */
export function addressOf(path: string): string {
  return `/${path.split("/").map(encodeURIComponent).join("/")}`;
}

/**
 * Turns a link of a document into one that works in the reader.
 *
 * Links to other Markdown files lead to their pages. A link to what the reader does not show, such
 * as a source file, is `undefined`.
 */
export function toReaderLink(href: string, fromPath: string): string | undefined {
  if (isElsewhere(href) || href.startsWith("#")) return href;
  const [path = "", hash] = href.split("#", 2);
  const address = posix.resolve("/", posix.dirname(fromPath), path);
  if (!address.endsWith(".md")) return undefined;
  return hash ? `${address}#${hash}` : address;
}

function isElsewhere(href: string): boolean {
  return /^([a-z][a-z0-9+.-]*:|\/\/)/i.test(href);
}
