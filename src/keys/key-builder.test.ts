import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { globMatcher } from "../kit/glob.ts";
import { KeyBuilder, type KeyScope } from "./key-builder.ts";
import { customLayout, djangoLayout } from "./key-layout.ts";

const letters = fc.constantFrom(
  ...Array.from("ab01:*?[]\\^-#$&/{}. é😀ключ\n\u0000\u{F8FF}"),
  "lock",
  ":1:",
);
const texts = fc.string({ unit: letters, maxLength: 8 });
const keys = fc.string({ unit: letters, minLength: 1, maxLength: 8 });
const versions = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.maxSafeInteger());
const scopes = fc.record<KeyScope>({
  prefix: texts,
  version: versions,
  layout: fc.constant(djangoLayout),
  namespace: fc.oneof(
    fc.constant(""),
    keys.map((name) => `${name}:`),
  ),
});

function builderOf(scope: Partial<KeyScope> = {}): KeyBuilder {
  return new KeyBuilder({ prefix: "p", version: 1, layout: djangoLayout, namespace: "", ...scope });
}

describe("key builder", () => {
  test("a stored key is prefix, version and key", () => {
    expect(builderOf().stored("key")).toBe("p:1:key");
    expect(builderOf().stored("key", -2)).toBe("p:-2:key");
    expect(builderOf({ prefix: "" }).within("n").within("m").stored("key")).toBe(":1:n:m:key");
    expect(builderOf().at(7).stored("key")).toBe("p:7:key");
  });

  test("whatever is built is parsed back", () => {
    const inverse = fc.property(scopes, keys, versions, (scope, key, version) => {
      const builder = new KeyBuilder(scope);
      expect(builder.parse(builder.stored(key), undefined)).toBe(key);
      expect(builder.parse(builder.stored(key, version), version)).toBe(key);
      expect(builder.parse(builder.stored(key, version), "all")).toBe(key);
    });
    fc.assert(inverse, { numRuns: 5_000 });
  });

  test("whatever is parsed is built back", () => {
    const inverse = fc.property(scopes, texts, versions, (scope, text, version) => {
      const builder = new KeyBuilder(scope);
      const storedKey = `${scope.prefix}:${version}:${scope.namespace}${text}`;
      const key = builder.parse(storedKey, version);
      fc.pre(key !== undefined);
      expect(builder.stored(key, version)).toBe(storedKey);
    });
    fc.assert(inverse, { numRuns: 5_000 });
  });

  test("under one prefix, no two versions or keys share a stored key", () => {
    const distinct = fc.property(scopes, keys, keys, versions, versions, (scope, ...rest) => {
      const [one, other, oneVersion, otherVersion] = rest;
      const builder = new KeyBuilder(scope);
      const isSame = one === other && oneVersion === otherVersion;
      const isSameStored = builder.stored(one, oneVersion) === builder.stored(other, otherVersion);
      expect(isSameStored).toBe(isSame);
    });
    fc.assert(distinct, { numRuns: 5_000 });
  });

  test("a pattern of everything matches every key of its version", () => {
    const matching = fc.property(scopes, keys, versions, (scope, key, version) => {
      const builder = new KeyBuilder(scope);
      const storedKey = builder.stored(key, version);
      expect(globMatcher(builder.pattern("*", version))(storedKey)).toBe(true);
      expect(globMatcher(builder.pattern("*", "all"))(storedKey)).toBe(true);
    });
    fc.assert(matching, { numRuns: 2_000 });
  });

  test("what a pattern matches in one version is what it matches in the keys", () => {
    const alike = fc.property(scopes, texts, keys, versions, (scope, pattern, key, version) => {
      fc.pre(pattern !== "");
      const builder = new KeyBuilder({ ...scope, namespace: "" });
      const isStoredMatch = globMatcher(builder.pattern(pattern, version))(
        builder.stored(key, version),
      );
      expect(isStoredMatch).toBe(globMatcher(pattern)(key));
    });
    fc.assert(alike, { numRuns: 5_000 });
  });

  test("a namespace parses its own keys, and its parent parses them with its name", () => {
    const nested = fc.property(scopes, keys, keys, (scope, name, key) => {
      const outer = new KeyBuilder(scope);
      const storedKey = outer.within(name).stored(key);
      expect(storedKey).toBe(outer.stored(`${name}:${key}`));
      expect(outer.parse(storedKey, "all")).toBe(`${name}:${key}`);
      expect(outer.within(name).parse(storedKey, "all")).toBe(key);
      expect(outer.within(`${name}x`).parse(storedKey, "all")).toBeUndefined();
    });
    fc.assert(nested, { numRuns: 2_000 });
  });

  test("a lock never lives under a key, of any version", () => {
    const apart = fc.property(scopes, keys, keys, versions, versions, (scope, ...rest) => {
      const [door, key, doorVersion, version] = rest;
      const builder = new KeyBuilder(scope);
      const lockKey = builder.lock(door, doorVersion);
      expect(lockKey).not.toBe(builder.stored(key, version));
      expect(builder.parse(lockKey, "all")).toBeUndefined();
      expect(lockKey.startsWith(`${scope.prefix}:#lock:`)).toBe(true);
    });
    fc.assert(apart, { numRuns: 5_000 });
  });

  test("a record lives under no key of any version, and under no lock", () => {
    const apart = fc.property(scopes, keys, keys, versions, (scope, name, key, version) => {
      const builder = new KeyBuilder(scope);
      const recordKey = builder.record(name);
      expect([builder.stored(key, version), builder.lock(key, version)]).not.toContain(recordKey);
      expect(builder.parse(recordKey, "all")).toBeUndefined();
      expect(recordKey.startsWith(`${scope.prefix}:#record:`)).toBe(true);
    });
    fc.assert(apart, { numRuns: 5_000 });
  });

  test("a lock, or a record, lives under no key of a layout of the user's", () => {
    const layout = customLayout(
      (key, prefix) => `${prefix}:${key}`,
      (storedKey) => storedKey.slice(storedKey.indexOf(":") + 1),
    );
    const builder = builderOf({ layout });
    expect(builder.parse(builder.lock("door"), undefined)).toBeUndefined();
    expect(builder.parse(builder.lock("door"), "all")).toBeUndefined();
    expect(builder.parse(builder.record("session"), "all")).toBeUndefined();
  });

  test("clear under a layout of the user's leaves the keys of a longer prefix", () => {
    const layout = customLayout(
      (key, prefix, version) => `${prefix}/${version}/${key}`,
      (storedKey) => storedKey.replace(/^.*?\/-?\d+\//, ""),
    );
    const longer = builderOf({ layout, prefix: "p/x" }).stored("key");
    expect(builderOf({ layout }).parse(longer, "all")).toBeUndefined();
  });

  test.each(["", 5, null, undefined, {}, "\ud800", "a\udc00"])("%j is no key", (key) => {
    const [builder, given] = [builderOf(), key as string]; // as from JavaScript
    expect(() => builder.stored(given)).toThrow(/^The key /);
    expect(() => builder.lock(given)).toThrow(TypeError);
    expect(() => builder.record(given)).toThrow(TypeError);
    expect(() => builder.pattern(given, undefined)).toThrow(/^The pattern /);
    expect(() => builder.within(given)).toThrow(/^The namespace /);
  });

  test.each(["a", " ", "😀", "\u0000", ":"])("%j is a key", (key) => {
    expect(builderOf().stored(key)).toBe(`p:1:${key}`);
  });
});
