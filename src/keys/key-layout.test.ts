import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../contracts/errors.ts";
import { globMatcher } from "../kit/glob.ts";
import { customLayout, djangoLayout } from "./key-layout.ts";

const pipes = customLayout(
  (key, prefix, version) => `${prefix}|${version}|${key}`,
  (storedKey) => storedKey.split("|").slice(2).join("|"),
);

describe("Django's layout", () => {
  test.each([
    ["p", 1, "p:1:key", "key"],
    ["p:q", 1, "p:q:1:key", "key"],
    ["p", 1, "p:1:a:b:c", "a:b:c"],
    ["p", -3, "p:-3:key", "key"],
    ["p", "all", "p:-3:key", "key"],
    ["p", "all", "p:7:a\nb", "a\nb"],
    ["", 1, ":1:key", "key"],
  ] as const)("prefix %j, version %j parses %j as %j", (prefix, version, storedKey, key) => {
    expect(djangoLayout.parse(storedKey, prefix, version)).toBe(key);
  });

  test.each([
    ["p", 1, "p:2:key"],
    ["p", 1, "p:11:key"],
    ["p", 1, "px:1:key"],
    ["p", "all", "p:x:key"],
    ["p", "all", "p:1"],
    ["p", "all", "p:q:1:key"],
    ["p", "all", "p:#lock:1:key"],
    ["p", "all", "p:1.5:key"],
    ["p", "all", "p:--1:key"],
    ["p", "all", "p::key"],
    ["", "all", "::1:key"],
  ] as const)("prefix %j, version %j does not own %j", (prefix, version, storedKey) => {
    expect(djangoLayout.parse(storedKey, prefix, version)).toBeUndefined();
  });
});

describe("a layout of the user's", () => {
  test("all that the function adds is taken literally", () => {
    const letters = fc.constantFrom(...Array.from("ab*?[]\\^-:é"));
    const prefixes = fc.string({ unit: letters, maxLength: 5 });
    const keys = fc.string({ unit: letters, minLength: 1, maxLength: 5 });
    const literal = fc.property(prefixes, prefixes, keys, (one, other, key) => {
      const isMatch = globMatcher(pipes.pattern("*", one, 1));
      expect(isMatch(pipes.build(key, other, 1))).toBe(one === other);
    });
    fc.assert(literal, { numRuns: 3_000 });
  });

  test("a dollar sign in a pattern is a dollar sign", () => {
    expect(pipes.pattern("$&$1", "p", 1)).toBe("p|1|$&$1");
  });

  test("a function that hides the key's text has no patterns", () => {
    const hiding = customLayout(
      (key) => `${key.length}`,
      (storedKey) => storedKey,
    );
    expect(() => hiding.pattern("*", "p", 1)).toThrow(ConfigurationError);
  });

  test("a function that writes the version otherwise has no pattern of all versions", () => {
    const hexadecimal = customLayout(
      (key, prefix, version) => `${prefix}/${version.toString(16)}/${key}`,
      (storedKey) => storedKey.split("/")[2] ?? "",
    );
    expect(hexadecimal.pattern("*", "p", 255)).toBe("p/ff/*");
    expect(() => hexadecimal.pattern("*", "p", "all")).toThrow(ConfigurationError);
  });

  test("a function that leaves the version out has one pattern for all", () => {
    const plain = customLayout(
      (key, prefix) => `${prefix}/${key}`,
      (storedKey) => storedKey.split("/")[1] ?? "",
    );
    expect(plain.pattern("a*", "p", "all")).toBe("p/a*");
  });
});
