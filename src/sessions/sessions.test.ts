import { describe, expect, test } from "vitest";
import { sessionRules, testSessionContract } from "../../test/contracts/session-contract.ts";
import type { CacheOptions } from "../contracts/options.ts";
import { createCache } from "../create-cache.ts";
import { ManualClock } from "../testing/manual-clock.ts";

const ways: readonly (readonly [string, CacheOptions])[] = [
  ["memory", {}],
  ["memory, in MessagePack", { serializer: "msgpack" }],
  ["memory, compressed", { compressor: "gzip", compressMinBytes: 1 }],
];

for (const [name, settings] of ways) {
  const clock = new ManualClock();

  testSessionContract(
    { describe, test },
    {
      name,
      clock,
      open: async (options) => createCache({ clock, ...settings, ...options }),
      pass: async (ms) => {
        clock.advance(ms);
      },
    },
  );
}

describe("session contract", () => {
  test("no two rules share a name", () => {
    const names = sessionRules.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});
