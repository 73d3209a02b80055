import { createHmac, timingSafeEqual } from "node:crypto";

/** Returns the signature of a cookie: HMAC-SHA256 over its name and value, in base64url. */
export function sign(name: string, value: string, secret: string): string {
  return createHmac("sha256", secret).update(`${name}=${value}`).digest("base64url");
}

/** Returns whether a signature is that of a cookie. Takes the same time however much of it is right. */
export function isSignedWith(
  secret: string,
  { name, value, signature }: { name: string; value: string; signature: string },
): boolean {
  const expected = Buffer.from(sign(name, value, secret));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
