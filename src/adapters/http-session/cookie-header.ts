/** Returns the values of all cookies of a name, in the header's order: the longest path first (RFC 6265 section 5.4). */
export function readCookies(header: string | undefined, name: string): string[] {
  if (header === undefined) return [];
  return header.split(";").flatMap((pair) => {
    const at = pair.indexOf("=");
    if (at === -1 || pair.slice(0, at).trim() !== name) return [];
    return [
      pair
        .slice(at + 1)
        .trim()
        .replace(/^"(.*)"$/, "$1"),
    ];
  });
}
