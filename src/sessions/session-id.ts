import { hash, randomBytes } from "node:crypto";

/** 256 bits: no guess hits one (OWASP asks for 64). */
const idBytes = 32;
const shapeOfId = /^[A-Za-z0-9_-]{43}$/;

/** Returns a new id: 256 random bits of the operating system's, in base64url. */
export function createSessionId(): string {
  return randomBytes(idBytes).toString("base64url");
}

/** Whether `value` has the shape of an id; whether there is such a session, only the store knows. */
export function isSessionId(value: unknown): value is string {
  return typeof value === "string" && shapeOfId.test(value);
}

/** Returns what a secret is stored under: SHA-256 in hexadecimal, from which it cannot be told. */
export function hashOf(secret: string): string {
  return hash("sha256", secret, "hex");
}

/** Returns the handle of a session: what its id is stored under. */
export function handleOf(id: string): string {
  return hashOf(id);
}
