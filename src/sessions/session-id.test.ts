import crypto from "node:crypto";
import { expect, test } from "vitest";
import { createSessionId, hashOf, isSessionId } from "./session-id.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

test("a hundred thousand ids are different, and each has the shape of one", () => {
  const ids = Array.from({ length: 100_000 }, createSessionId);
  expect(new Set(ids).size).toBe(100_000);
  expect(ids.every(isSessionId)).toBe(true);
});

test("an id is 32 bytes, and every bit of them is chance", () => {
  const ones = Array.from({ length: 256 }, () => 0);
  for (let round = 0; round < 2_000; round++) {
    const bytes = Buffer.from(createSessionId(), "base64url");
    expect(bytes).toHaveLength(32);
    for (const bit of ones.keys()) ones[bit] = (ones[bit] ?? 0) + bitOf(bytes, bit);
  }
  // 1000 expected, 22 is one standard deviation: nine of them are seen less than once in 1e16 runs.
  expect(Math.min(...ones)).toBeGreaterThan(800);
  expect(Math.max(...ones)).toBeLessThan(1_200);
});

function bitOf(bytes: Buffer, bit: number): number {
  return ((bytes[Math.floor(bit / 8)] ?? 0) >> (bit % 8)) & 1;
}

test("every letter of base64url may come first in an id", () => {
  const firsts = new Set(Array.from({ length: 5_000 }, () => createSessionId().slice(0, 1)));
  expect(firsts).toEqual(new Set(alphabet.split("")));
});

test("an id's shape is 43 letters of base64url, and text", () => {
  expect(isSessionId("-".repeat(43))).toBe(true);
  for (const value of [
    "",
    "A".repeat(42),
    "A".repeat(44),
    `${"A".repeat(43)}\n`,
    "A".repeat(42) + ".",
  ]) {
    expect(isSessionId(value)).toBe(false);
  }
  for (const value of [undefined, null, 43, {}, [alphabet.slice(0, 43)], Symbol("id")]) {
    expect(isSessionId(value)).toBe(false);
  }
});

test("a text as long as a request may bring is told from an id at once", () => {
  const longText = "A".repeat(2 ** 24);
  const startedMs = performance.now();
  for (let round = 0; round < 1_000; round++) isSessionId(longText);
  expect(performance.now() - startedMs).toBeLessThan(1_000);
});

test("a hash is SHA-256 in hexadecimal", () => {
  expect(hashOf("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(hashOf("é")).toBe(crypto.createHash("sha256").update("é", "utf8").digest("hex"));
});
