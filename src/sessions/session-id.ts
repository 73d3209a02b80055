import { hash, randomBytes } from "node:crypto";

/*
 * An id is a slot tag followed by a secret: 3 and 43 characters of base64url.
 *
 *   id      tag secret              goes into the cookie
 *   handle  {tag}SHA-256(id)        ends the stored key
 *
 * Redis Cluster hashes only what stands between the first braces of a key. `regenerate` moves a
 * record from the old id's key to the new id's by one script, so both keys must lie in one slot: it
 * keeps the tag and draws a new secret. If a prefix holds braces of its own, the server hashes what
 * is between those, which both keys share too. Only a prefix whose first braces are empty, `{}`,
 * makes the server hash whole keys.
 *
 * Three characters make 262,144 tags, 16 for each of the 16,384 slots; the 4,096 tags of two would
 * leave three slots in four empty. The tag is no secret: it stands in the stored key, and outlives
 * `regenerate`. An id is unguessable all the same, since its secret alone is 256 random bits. A text
 * of another shape never reaches the store, and no id that a client made up is ever adopted.
 */

const tagLength = 3;
/** 18 bits are needed; base64url writes bytes by threes. */
const tagBytes = 3;
/** 256 bits, which nobody guesses; OWASP asks for 64. */
const secretBytes = 32;
const shapeOfId = /^[A-Za-z0-9_-]{46}$/;

/** Returns a new id of random bits from the operating system. After `former`, it keeps that id's slot tag. */
export function createSessionId(former?: string): string {
  const bytes = randomBytes(tagBytes + secretBytes);
  const tag = former ?? bytes.toString("base64url", 0, tagBytes);
  return tag.slice(0, tagLength) + bytes.toString("base64url", tagBytes);
}

/** Whether `value` has the shape of an id. Only the store knows whether its session exists. */
export function isSessionId(value: unknown): value is string {
  return typeof value === "string" && shapeOfId.test(value);
}

/** Returns the handle of an id, from which nobody can derive the id. */
export function handleOf(id: string): string {
  return `{${id.slice(0, tagLength)}}${hash("sha256", id, "base64url")}`;
}

/** Returns the SHA-256 of a text in hexadecimal: what users, and ids of other packages, are stored under. */
export function hashOf(text: string): string {
  return hash("sha256", text, "hex");
}
