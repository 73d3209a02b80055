import { expect } from "vitest";
import type { Answer, Browser } from "../support/browser.ts";
import { attributesOf } from "../support/cookie-jar.ts";

/** What the session cookie is called where nothing else is said. */
export const cookieName = "sessionid";

/** Returns the id that a browser has. */
export function idOf(browser: Browser): string {
  const id = browser.jar.valueOf(cookieName);
  if (id === undefined) throw new Error("The browser has no session cookie.");
  return id;
}

/** Returns the `Cookie` header that presents a value as the session's cookie. */
export function presenting(value: string): { readonly headers: { readonly cookie: string } } {
  return { headers: { cookie: `${cookieName}=${value}` } };
}

/** Returns the attributes of the one cookie that an answer sets. */
export function expectOneCookie(answer: Pick<Answer, "setCookies">): ReadonlyMap<string, string> {
  expect(answer.setCookies).toHaveLength(1);
  return attributesOf(answer.setCookies[0] ?? "");
}

/** The answer takes the session's cookie away. */
export function expectCookieCleared(answer: Pick<Answer, "setCookies">): void {
  const attributes = expectOneCookie(answer);
  expect(answer.setCookies[0]).toMatch(new RegExp(`^${cookieName}=;`));
  expect(attributes.get("max-age")).toBe("0");
  expect(Date.parse(attributes.get("expires") ?? "")).toBe(0);
}

/** The answer to `GET /me` is that of a visitor of whom nothing is known. */
export function expectStranger(answer: Answer): void {
  expect(answer.status).toBe(200);
  expect(answer.json()).toEqual({ user: null, new: true, detached: false });
}

/** The id opens no session, and whoever presents it loses the cookie. */
export async function expectDead(id: string, browser: Browser): Promise<void> {
  const answer = await browser.get("/me", presenting(id));
  expectStranger(answer);
  expectCookieCleared(answer);
}
