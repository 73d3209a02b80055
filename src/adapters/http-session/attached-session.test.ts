import { expect, test } from "vitest";
import { ConfigurationError } from "../../contracts/errors.ts";
import type { Session } from "../../contracts/sessions.ts";
import { attachSession, foreignSessionError, markAttached } from "./attached-session.ts";

function fakeSession(): Session {
  return { isNew: true } as Session; // no more is asked of it
}

test("an attached session is the property, and ours", () => {
  const request: { session?: Session } = {};
  const session = fakeSession();
  attachSession(request, session, "req.session");
  expect(request.session).toBe(session);
  expect(foreignSessionError(request.session, "req.session")).toBeUndefined();
});

test("an attached session cannot be replaced", () => {
  const request: { session?: Session | null } = {};
  attachSession(request, fakeSession(), "req.session");
  expect(() => (request.session = null)).toThrow("await req.session.destroy()");
});

test("a marked session is ours", () => {
  const session = fakeSession();
  markAttached(session);
  expect(foreignSessionError(session, "c.var.session")).toBeUndefined();
});

test.each([[fakeSession()], [null], ["a text"]])("any other is foreign: %j", (session) => {
  const error = foreignSessionError(session, "ctx.session");
  expect(error).toBeInstanceOf(ConfigurationError);
  expect(error?.message).toContain("ctx.session is set already");
});
