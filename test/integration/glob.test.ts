import { createClient } from "@redis/client";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { escapeGlob, globMatcher } from "../../src/kit/glob.ts";
import { freshDatabase, sharedUrl } from "../support/fresh.ts";

/** Few letters, so that patterns match often, and more of those that mean something. */
const specials = ["*", "?", "[", "]", "\\", "-", "^"];
const letters = fc.constantFrom("a", "b", "c", "z", "é", "😀", ...specials, ...specials);
const texts = fc.string({ unit: letters, maxLength: 9 });
const keys = fc.string({ unit: letters, minLength: 1, maxLength: 6 });
const patterns = texts.filter((pattern) => !hasRangeBeyondAscii(pattern));

/** Redis compares the ends as signed bytes on x86 and as unsigned ones on ARM: no rule to hold. */
function hasRangeBeyondAscii(pattern: string): boolean {
  return /[\u0080-\uffff]-|-[\u0080-\uffff]/.test(pattern);
}

describe("glob against a real server", () => {
  const stored = [...new Set(fc.sample(keys, { numRuns: 500, seed: 20_261_121 }))];
  let client: ReturnType<typeof createClient>;

  beforeAll(async () => {
    client = createClient({ url: sharedUrl(await freshDatabase()) });
    await client.connect();
    await client.mSet(stored.map((key) => [key, "x"]));
  });

  afterAll(async () => {
    await client.close();
  });

  async function keysOf(pattern: string): Promise<string[]> {
    const { keys: found, cursor } = await client.scan("0", { MATCH: pattern, COUNT: 100_000 });
    expect(cursor).toBe("0");
    return found.toSorted();
  }

  test("any pattern matches the keys that SCAN matches", async () => {
    const sameKeys = fc.asyncProperty(patterns, async (pattern) => {
      expect(stored.filter(globMatcher(pattern)).toSorted()).toEqual(await keysOf(pattern));
    });
    await fc.assert(sameKeys, { numRuns: 2_000 });
  });

  test("any escaped key is found by itself alone", async () => {
    const itself = fc.asyncProperty(fc.constantFrom(...stored), async (key) => {
      expect(await keysOf(escapeGlob(key))).toEqual([key]);
    });
    await fc.assert(itself, { numRuns: 500 });
  });

  test("any escaped prefix finds the keys that begin with it", async () => {
    const beginning = fc.asyncProperty(texts, async (prefix) => {
      const expected = stored.filter((key) => key.startsWith(prefix)).toSorted();
      expect(await keysOf(`${escapeGlob(prefix)}*`)).toEqual(expected);
    });
    await fc.assert(beginning, { numRuns: 500 });
  });
});
