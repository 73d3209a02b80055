import { describe, expect, test } from "vitest";
import { escapeGlob, globMatcher } from "./glob.ts";

/** Each row: what the rule says, a pattern, texts that match it, texts that do not. */
const rules: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
  ["plain text matches itself", "user:1", ["user:1"], ["user:2", "user:", "user:11", "xuser:1"]],
  ["a star is any run, also none", "a*c", ["ac", "abc", "abcbc"], ["ab", "xac", "abcd"]],
  ["stars in a row are one", "a**b***", ["ab", "axbx"], ["a", "ba"]],
  ["several stars find their places", "*a*b*a", ["aba", "xaxbxa", "abababa"], ["ab", "abab"]],
  ["a star alone matches everything", "*", ["", "a", "é"], []],
  ["the empty pattern matches the empty text", "", [""], ["a"]],
  ["two stars do not match the empty text", "**", ["a"], [""]],
  ["a question mark is one byte", "a?c", ["abc", "a?c"], ["ac", "abbc"]],
  ["a letter beyond ASCII is several bytes", "??", ["é", "ab"], ["a", "€"]],
  ["a star spans letters beyond ASCII", "k*é", ["ké", "kéé", "k😀é"], ["k", "kè"]],
  ["a class is one of its bytes", "[abc]x", ["ax", "cx"], ["dx", "x", "abx"]],
  ["a class may be negated", "[^ab]", ["c", "^"], ["a", "b", "", "cc"]],
  ["a caret elsewhere in a class is itself", "[a^]", ["a", "^"], ["b"]],
  ["a range has both its ends", "[b-d]", ["b", "c", "d"], ["a", "e", "-"]],
  ["a reversed range is turned round", "[d-b]", ["b", "c", "d"], ["a", "e"]],
  ["ranges and single bytes mix", "[a-c_0-9]", ["b", "_", "7"], ["d", "-"]],
  ["a dash at the start is itself", "[-a]", ["-", "a"], ["b"]],
  ["a dash before the bracket makes a range up to it", "[a-]", ["a", "]", "^"], ["b", "-"]],
  ["a class may hold a bracket by backslash", "[\\]]", ["]"], ["\\", "[]"]],
  ["an empty class matches nothing", "a[]b", [], ["ab", "axb", "a]b", "a[]b"]],
  ["an empty negated class matches any byte", "a[^]b", ["axb", "a]b"], ["ab"]],
  ["an unended class ends with the pattern", "x[ab", ["xa", "xb"], ["x", "x[ab", "xab"]],
  ["an unended empty class matches nothing", "x[", [], ["x", "x[", "xa"]],
  ["an unended negation matches any byte", "x[^", ["xa", "x^"], ["x", "x[^"]],
  ["a backslash makes the next byte plain", "\\*\\?\\[a\\]\\\\\\x", ["*?[a]\\x"], ["a?[a]\\x"]],
  ["a backslash at the end is itself", "a\\", ["a\\"], ["a", "a\\\\"]],
  ["a bracket that closes nothing is itself", "a]", ["a]"], ["a", "]"]],
  ["a range from ASCII beyond it compares signed bytes", "[a-é]*", ["a", "A"], ["b", "z"]],
];

describe("glob", () => {
  test.each(rules)("%s: %j", (_rule, pattern, matching, others) => {
    const isMatch = globMatcher(pattern);
    expect(matching.filter((text) => !isMatch(text))).toEqual([]);
    expect(others.filter((text) => isMatch(text))).toEqual([]);
  });

  const hostile = ["*", "a?c", "[ab]", "[^a]", "[a-", "]", "\\", "a\\", "\\*", "^-", "ключ*", ""];

  test.each(hostile)("an escaped text matches itself: %j", (text) => {
    expect(globMatcher(escapeGlob(text))(text)).toBe(true);
  });

  test.each(hostile)("an escaped text matches no other: %j", (text) => {
    const isMatch = globMatcher(escapeGlob(text));
    const others = [...hostile, "a", "abc", "a\\\\", "-^"].filter((other) => other !== text);
    expect(others.filter((other) => isMatch(other))).toEqual([]);
  });

  test("an escaped prefix leaves the pattern after it alive", () => {
    const isMatch = globMatcher(`${escapeGlob("t[ab]\\:")}*`);
    expect(isMatch("t[ab]\\:key")).toBe(true);
    expect(isMatch("ta\\:key")).toBe(false);
  });

  test("many stars over a long text do not explode", () => {
    const isMatch = globMatcher(`${"*a".repeat(500)}*b`);
    const started = performance.now();
    expect(isMatch("a".repeat(50_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  test("a lone surrogate is what UTF-8 makes of it", () => {
    expect(globMatcher("\ud800")("\ufffd")).toBe(true);
  });
});
