import { session } from "./session.mjs";

/** How long every write lives, which is also what cachewell does when nobody says. */
export const ttlMs = 300_000;

/** How many keys there are, where a question is not about their number. */
export const usualKeyCount = 10_000;

/** Returns the session of a user: an object of its own, 380 bytes as JSON, give or take two. */
export function sessionOf(index) {
  return { ...session, csrfToken: "8a52-4d3b-9", visits: index };
}
