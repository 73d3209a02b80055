import { setTimeout as wait } from "node:timers/promises";
import { describe, test } from "vitest";
import { createCache } from "../../src/create-cache.ts";
import { systemClock } from "../../src/kit/clock.ts";
import { freshDatabase, freshPrefix, sharedUnixUrl, sharedUrl } from "../support/fresh.ts";
import { testCacheContract } from "./cache-contract.ts";

const ways = [
  ["over TCP", sharedUrl],
  ["over a unix socket", sharedUnixUrl],
] as const;

for (const [way, urlOf] of ways) {
  const database = freshDatabase();

  testCacheContract(
    { describe, test },
    {
      name: `redis ${way}`,
      clock: systemClock,
      open: async (options) =>
        createCache({
          location: urlOf(await database),
          commandTimeout: "5s",
          ...options,
          keyPrefix: `${freshPrefix()}${options?.keyPrefix ?? ""}`,
        }),
      pass: async (ms) => {
        await wait(ms);
      },
    },
  );
}
