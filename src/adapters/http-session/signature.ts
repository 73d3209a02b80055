import { createHmac, timingSafeEqual } from "node:crypto";

/** Returns the signature of a cookie: HMAC-SHA256 over its name and value, in base64url. */
export function sign(name: string, value: string, secret: string): string {
  return createHmac("sha256", secret).update(`${name}=${value}`).digest("base64url");
}

/** Whether a signature is that of a cookie, in a time that does not tell how much of it is right. */
export function isSignedWith(
  secret: string,
  { name, value, signature }: { name: string; value: string; signature: string },
): boolean {
  const right = Buffer.from(sign(name, value, secret));
  const given = Buffer.from(signature);
  return given.length === right.length && timingSafeEqual(given, right);
}
