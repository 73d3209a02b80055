import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSignedWith, sign } from "./signature.ts";

const secret = "a secret of this test, long enough.";
const cookie = { name: "sid", value: "abc", signature: sign("sid", "abc", secret) };

describe("a signature", () => {
  test("is the HMAC-SHA256 of name and value, in base64url", () => {
    const expected = createHmac("sha256", secret).update("sid=abc").digest("base64url");
    expect(cookie.signature).toBe(expected);
    expect(cookie.signature).toMatch(/^[\w-]{43}$/);
  });

  test("holds for the cookie that it was made for", () => {
    expect(isSignedWith(secret, cookie)).toBe(true);
  });

  test.each([
    ["another secret", { ...cookie }, `${secret}!`],
    ["another name", { ...cookie, name: "sid2" }, secret],
    ["another value", { ...cookie, value: "abd" }, secret],
    ["another split of name and value", { ...cookie, name: "s", value: "id=abc" }, secret],
  ])("does not hold for %s", (_what, changed, by) => {
    expect(isSignedWith(by, changed)).toBe(false);
  });

  test.each([
    ["nothing", ""],
    ["all but its last letter", cookie.signature.slice(0, -1)],
    ["itself and a letter", `${cookie.signature}a`],
    ["itself and what base64 ends with", `${cookie.signature}=`],
    ["itself in other letter case", cookie.signature.toUpperCase()],
    ["letters of more than one byte", "é".repeat(43)],
    ["letters of more bytes, as long in bytes", "é".repeat(21) + "a"],
  ])("is not %s", (_what, signature) => {
    expect(isSignedWith(secret, { ...cookie, signature })).toBe(false);
  });

  test("no other text passes for it", () => {
    const text = fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.string({ maxLength: 43, minLength: 43 }),
    );
    fc.assert(
      fc.property(text, (signature) => {
        fc.pre(signature !== cookie.signature);
        expect(isSignedWith(secret, { ...cookie, signature })).toBe(false);
      }),
    );
  });
});
