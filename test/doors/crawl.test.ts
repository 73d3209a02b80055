import { inspect } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { createSessions } from "../../src/sessions/index.ts";
import { freshPrefix, sharedUrl } from "../support/fresh.ts";
import { openCache } from "../support/open-cache.ts";
import { expressApp } from "./apps/express-app.ts";
import { fastifyApp } from "./apps/fastify-app.ts";
import { honoApp } from "./apps/hono-app.ts";
import { koaApp } from "./apps/koa-app.ts";
import { crawl } from "./crawl/crawl.ts";
import { type Leak, startLeakyApp } from "./crawl/leaky-app.ts";
import { muteErrors } from "./support/muted-errors.ts";
import type { SessionApp } from "./support/session-app.ts";
import { places } from "./support/stage.ts";

const kinds = [expressApp, fastifyApp, honoApp, koaApp];
const asked = process.env["CACHEWELL_CRAWL_REQUESTS"];
const requests = Number(asked ?? 8_400);
const seed = Number(process.env["CACHEWELL_CRAWL_SEED"] ?? Date.now() % 1_000_000);
const withinMs = Math.max(60_000, requests * 10);
const leaks: readonly Leak[] = [
  "forgets who asks",
  "gives one id twice",
  "lets caches keep answers",
];
const expectedStatuses = new Set([200, 204, 400, 500]);

muteErrors();

describe("random requests of many visitors, to all frameworks at once", () => {
  const runs = places.flatMap((place) => [false, true].map((rolling) => ({ place, rolling })));

  test.each(runs)(
    "show nobody a byte of anybody else's: $place, rolling $rolling",
    { timeout: withinMs },
    async ({ place, rolling }) => {
      const location = place === "memory" ? "memory:" : sharedUrl();
      const cache = openCache({ location, keyPrefix: freshPrefix() });
      const sessions = createSessions({ cache, rolling });
      const apps = await Promise.all(kinds.map((kind) => kind.start({ sessions })));
      for (const app of apps) closedAfterTest(app);

      const share = Math.ceil(requests / runs.length);
      const startedMs = performance.now();
      const { watch, cacheHits } = await crawl({ apps, requests: share, seed });
      const { answers, foreignBytes, problems, ownSeen, statuses } = watch;
      const tookMs = performance.now() - startedMs;
      tell({ place, rolling, seed, tookMs, answers, foreignBytes, ownSeen, cacheHits, statuses });

      expect(problems, `seed ${seed}`).toEqual([]);
      expect(foreignBytes).toBe(0);
      expect(answers).toBeGreaterThanOrEqual(share);
      expect(ownSeen).toBeGreaterThan(answers / 10);
      expect(cacheHits).toBeGreaterThan(0);
      expect([...statuses.keys()].filter((status) => !expectedStatuses.has(status))).toEqual([]);
    },
  );
});

describe("a crawl", () => {
  test.each(leaks)("finds an application that %s", async (leak) => {
    const app = await startLeakyApp(leak);
    closedAfterTest(app);
    const { watch } = await crawl({ apps: [app], requests: 500, seed });
    expect(watch.foreignBytes).toBeGreaterThan(0);
    expect(watch.problems).not.toEqual([]);
  });
});

function closedAfterTest(app: SessionApp): void {
  onTestFinished(() => app.close());
}

/** Prints what a crawl of asked length came to. */
function tell(figures: object): void {
  if (asked !== undefined) process.stdout.write(`${inspect(figures, { breakLength: 200 })}\n`);
}
