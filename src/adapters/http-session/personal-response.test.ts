import { expect, test } from "vitest";
import { type HeaderValue, markPersonal, valuesOf } from "./personal-response.ts";

/** Returns the headers of a response that was marked as personal. */
function markedFrom(before: Readonly<Record<string, HeaderValue>>): object {
  const headers = new Map(Object.entries(before));
  markPersonal({
    get: (name) => headers.get(name),
    set: (name, value) => void headers.set(name, value),
  });
  return Object.fromEntries(headers);
}

test.each([
  [undefined, "Cookie"],
  ["", "Cookie"],
  ["Accept", "Accept, Cookie"],
  ["Accept,Origin", "Accept, Origin, Cookie"],
  [["Accept", "Origin"], "Accept, Origin, Cookie"],
  ["cookie", "cookie"],
  ["Accept, COOKIE", "Accept, COOKIE"],
  ["*", "*"],
])("a personal response turns Vary: %j into %j", (before, after) => {
  expect(markedFrom({ Vary: before })).toMatchObject({ Vary: after });
});

test("a personal response is private", () => {
  expect(markedFrom({})).toEqual({ Vary: "Cookie", "Cache-Control": "private" });
});

test("a personal response keeps a Cache-Control of its own", () => {
  expect(markedFrom({ "Cache-Control": "no-store" })).toMatchObject({
    "Cache-Control": "no-store",
  });
});

test.each([
  [undefined, []],
  [7, ["7"]],
  ["a", ["a"]],
  [
    ["a", "b"],
    ["a", "b"],
  ],
])("the values of the header %j are %j", (value, values) => {
  expect(valuesOf(value)).toEqual(values);
});
