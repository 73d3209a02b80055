import crypto from "node:crypto";
import { describe, expect, test } from "vitest";
import { createSessionId, handleOf, hashOf, isSessionId } from "./session-id.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const tagOf = (id: string): string => id.slice(0, 3);
const secretOf = (id: string): string => id.slice(3);

/** Expects that every bit is set about as often as not. */
function expectChance(samples: readonly Buffer[], bits: number): void {
  const ones = Array.from({ length: bits }, () => 0);
  for (const bytes of samples) {
    for (const bit of ones.keys()) ones[bit] = (ones[bit] ?? 0) + bitOf(bytes, bit);
  }
  // Of 2000 samples 1000 are expected, 22 is one standard deviation: nine of them are seen less than once in 1e16 runs.
  expect(Math.min(...ones)).toBeGreaterThan(800);
  expect(Math.max(...ones)).toBeLessThan(1_200);
}

function bitOf(bytes: Buffer, bit: number): number {
  return ((bytes[Math.floor(bit / 8)] ?? 0) >> (bit % 8)) & 1;
}

test("a hundred thousand ids are different, and each has the shape of one", () => {
  const ids = Array.from({ length: 100_000 }, () => createSessionId());
  expect(new Set(ids).size).toBe(100_000);
  expect(ids.every(isSessionId)).toBe(true);
});

test("the secret of an id is 32 bytes, and every bit of them is chance", () => {
  const secrets = Array.from({ length: 2_000 }, () => {
    return Buffer.from(secretOf(createSessionId()), "base64url");
  });
  expect(secrets.every(({ length }) => length === 32)).toBe(true);
  expectChance(secrets, 256);
});

test("every bit of the slot tag of a new id is chance", () => {
  const tags = Array.from({ length: 2_000 }, () => {
    const places = Array.from(tagOf(createSessionId()), (letter) => alphabet.indexOf(letter));
    return Buffer.from(places);
  });
  for (const place of [0, 1, 2]) {
    expectChance(
      tags.map((tag) => tag.subarray(place)),
      6,
    );
  }
});

test("every letter of base64url may come first in an id, and in its secret", () => {
  const ids = Array.from({ length: 5_000 }, () => createSessionId());
  for (const partOf of [tagOf, secretOf]) {
    const firsts = new Set(ids.map((id) => partOf(id).slice(0, 1)));
    expect(firsts).toEqual(new Set(alphabet.split("")));
  }
});

describe("the id after another", () => {
  const former = createSessionId();
  const ids = Array.from({ length: 2_000 }, () => createSessionId(former));

  test("has its slot tag, and the shape of an id", () => {
    expect(ids.every((id) => tagOf(id) === tagOf(former) && isSessionId(id))).toBe(true);
  });

  test("has a secret of its own, every bit of which is chance", () => {
    expect(new Set([former, ...ids].map(secretOf)).size).toBe(2_001);
    expectChance(
      ids.map((id) => Buffer.from(secretOf(id), "base64url")),
      256,
    );
  });
});

test("an id's shape is 46 letters of base64url, and text", () => {
  expect(isSessionId("-".repeat(46))).toBe(true);
  for (const value of [
    "",
    "A".repeat(43),
    "A".repeat(45),
    "A".repeat(47),
    `${"A".repeat(46)}\n`,
    "A".repeat(45) + ".",
  ]) {
    expect(isSessionId(value)).toBe(false);
  }
  for (const value of [undefined, null, 46, {}, [alphabet.slice(0, 46)], Symbol("id")]) {
    expect(isSessionId(value)).toBe(false);
  }
});

test("a text as long as a request may bring is told from an id at once", () => {
  const longText = "A".repeat(2 ** 24);
  const startedMs = performance.now();
  for (let round = 0; round < 1_000; round++) isSessionId(longText);
  expect(performance.now() - startedMs).toBeLessThan(1_000);
});

test("a handle is the slot tag in braces, and SHA-256 of the whole id in base64url", () => {
  const id = createSessionId();
  const digest = crypto.createHash("sha256").update(id).digest("base64url");
  expect(handleOf(id)).toBe(`{${tagOf(id)}}${digest}`);
  expect(isSessionId(handleOf(id))).toBe(false);
});

test("a hash is SHA-256 in hexadecimal", () => {
  expect(hashOf("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(hashOf("é")).toBe(crypto.createHash("sha256").update("é", "utf8").digest("hex"));
});
