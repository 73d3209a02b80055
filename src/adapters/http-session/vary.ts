/**
 * Returns the `Vary` header of a response that depends on its visitor: what was said already, and
 * `Cookie` unless that is among it, or `*`.
 */
export function varyWithCookie(said: readonly string[]): string {
  const names = said.flatMap((value) => value.split(",")).map((name) => name.trim());
  const listed = names.filter((name) => name !== "");
  const isSaid = listed.some((name) => name === "*" || name.toLowerCase() === "cookie");
  return (isSaid ? listed : [...listed, "Cookie"]).join(", ");
}
