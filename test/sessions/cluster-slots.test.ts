import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RecordMove } from "../../src/contracts/records.ts";
import { createCache } from "../../src/create-cache.ts";
import { createSessions } from "../../src/sessions/index.ts";
import { withRecords } from "./exploring.ts";
import { saved } from "./shop.ts";
import { slotOf } from "./slot-of.ts";

const texts = fc.string({
  unit: fc.constantFrom("{", "}", "{", "}", "a", "b", ":", "*", "é", "😀"),
  minLength: 1,
  maxLength: 12,
});

/** Whether the first braces of a text hold nothing, which makes a cluster hash whole keys. */
function hasEmptyTag(text: string): boolean {
  return text.startsWith("{}", text.indexOf("{"));
}

/** Returns how the record moved when a session was given so many new ids, one after the other. */
async function movesOf(
  { keyPrefix, sessionPrefix }: { keyPrefix: string; sessionPrefix: string },
  times: number,
): Promise<readonly RecordMove[]> {
  const moves: RecordMove[] = [];
  const cache = withRecords(createCache({ keyPrefix }), (records) => ({
    move: (move) => {
      moves.push(move);
      return records.move(move);
    },
  }));
  const session = await saved(createSessions({ cache, keyPrefix: sessionPrefix }));
  for (let time = 0; time < times; time++) await session.regenerate();
  return moves;
}

describe("in a cluster", () => {
  test("a new id leaves the session in its slot, whatever the prefixes", async () => {
    const staying = fc.asyncProperty(texts, texts, async (keyPrefix, sessionPrefix) => {
      fc.pre(!hasEmptyTag(`${keyPrefix}:#record:1:${sessionPrefix}`));
      const moves = await movesOf({ keyPrefix, sessionPrefix }, 10);
      const slots = new Set(moves.flatMap(({ from, to }) => [slotOf(from), slotOf(to)]));
      expect(moves).toHaveLength(10);
      expect(slots.size).toBe(1);
    });
    await fc.assert(staying, { numRuns: 300 });
  });

  test("the slot is that of the id's tag where no prefix has braces", async () => {
    const [move] = await movesOf({ keyPrefix: "shop", sessionPrefix: "session:" }, 1);
    const tag = /^shop:#record:1:session:\{([\w-]{3})\}[\w-]{43}$/.exec(move?.from ?? "")?.[1];
    expect(slotOf(move?.from ?? "")).toBe(slotOf(tag ?? ""));
  });

  test("the tags reach every slot, and no slot has many more than another", () => {
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".split("");
    const counts = new Map<number, number>();
    for (const one of letters) {
      for (const two of letters) {
        for (const three of letters) {
          const slot = slotOf(one + two + three);
          counts.set(slot, (counts.get(slot) ?? 0) + 1);
        }
      }
    }
    expect(counts.size).toBe(16_384);
    expect(Math.min(...counts.values())).toBeGreaterThanOrEqual(8);
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(24);
  });

  /** As `CLUSTER KEYSLOT` of Redis 7.0 answers. */
  test.each([
    ["123456789", 12_739],
    ["{user1000}.following", 3_443],
    ["foo{}{bar}", 8_363],
    ["foo{{bar}}zap", 4_015],
    ["foo{bar}{zap}", 5_061],
    ["a{b", 13_340],
    ["a}b{c}", 7_365],
    ["é{😀}", 2_959],
    ["shop:#record:1:session:{Ab3}x", 485],
  ])("the key %s is in slot %i", (key, slot) => {
    expect(slotOf(key)).toBe(slot);
  });
});
