import { expect, test } from "vitest";
import { cookieJson, plainFields, plainSession } from "./plain-fields.ts";

test("what cannot be stored is left out", () => {
  const fields = { colour: "red", none: null, zero: 0, absent: undefined, save: () => undefined };
  expect(plainFields(fields)).toEqual({ colour: "red", none: null, zero: 0 });
  expect(Object.keys(plainFields(fields))).toEqual(["colour", "none", "zero"]);
});

test("a field named __proto__ is left out, and sets no prototype", () => {
  const fields = plainFields(JSON.parse('{"__proto__": {"admin": true}, "colour": "red"}'));
  expect(Object.keys(fields)).toEqual(["colour"]);
  expect("admin" in fields).toBe(false);
});

test("a session's cookie is as in JSON, without what JSON leaves out", () => {
  const cookie = { secret: 1, toJSON: () => ({ path: "/", domain: undefined }) };
  const plain = plainSession({ colour: "red", cookie });
  expect(plain).toEqual({ colour: "red", cookie: { path: "/" } });
  expect(Object.keys(plain["cookie"] as object)).toEqual(["path"]);
});

test("a session's plain cookie is a copy", () => {
  const session = { cookie: { path: "/" } };
  expect(plainSession(session)["cookie"]).toEqual({ path: "/" });
  expect(plainSession(session)["cookie"]).not.toBe(session.cookie);
});

test.each([[undefined], [null], ["sid=1"], [7]])("the cookie %j has no fields", (cookie) => {
  expect(cookieJson(cookie)).toBeUndefined();
});
