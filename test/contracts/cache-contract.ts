import type { Cache } from "../../src/contracts/cache.ts";
import type { CacheOptions } from "../../src/contracts/options.ts";
import { argumentRules } from "./cache-rules/arguments.ts";
import { bulkLoadingRules } from "./cache-rules/bulk-loading.ts";
import { bulkWritingRules } from "./cache-rules/bulk-writing.ts";
import type { CacheContext, CacheRule, CacheSubject } from "./cache-rules/cache-rule.ts";
import { closingRules } from "./cache-rules/closing.ts";
import { countingRules } from "./cache-rules/counting.ts";
import { eventRules } from "./cache-rules/events.ts";
import { layoutRules } from "./cache-rules/layouts.ts";
import { lifetimeRules } from "./cache-rules/lifetimes.ts";
import { listenerRules } from "./cache-rules/listeners.ts";
import { loadLifetimeRules } from "./cache-rules/load-lifetimes.ts";
import { loadingRules } from "./cache-rules/loading.ts";
import { lockRules } from "./cache-rules/locks.ts";
import { memoizeRules } from "./cache-rules/memoizing.ts";
import { namespaceRules } from "./cache-rules/namespaces.ts";
import { readingRules } from "./cache-rules/reading.ts";
import { removingRules } from "./cache-rules/removing.ts";
import { statisticsRules } from "./cache-rules/statistics.ts";
import { supersedingRules } from "./cache-rules/superseding.ts";
import { usualLifetimeRules } from "./cache-rules/usual-lifetime.ts";
import { valueRules } from "./cache-rules/values.ts";
import { versionRules } from "./cache-rules/versions.ts";
import { walkingRules } from "./cache-rules/walking.ts";
import { withLockRules } from "./cache-rules/with-lock.ts";
import { writeOrderRules } from "./cache-rules/write-order.ts";
import { writingRules } from "./cache-rules/writing.ts";
import { type Runner, testRules } from "./rules.ts";

/** Every promise made in the doc comments of `Cache`, as a rule that can be checked. */
export const cacheRules: readonly CacheRule[] = [
  ...readingRules,
  ...writingRules,
  ...usualLifetimeRules,
  ...bulkWritingRules,
  ...writeOrderRules,
  ...removingRules,
  ...valueRules,
  ...countingRules,
  ...lifetimeRules,
  ...versionRules,
  ...walkingRules,
  ...namespaceRules,
  ...layoutRules,
  ...lockRules,
  ...withLockRules,
  ...memoizeRules,
  ...loadingRules,
  ...loadLifetimeRules,
  ...supersedingRules,
  ...bulkLoadingRules,
  ...closingRules,
  ...eventRules,
  ...listenerRules,
  ...statisticsRules,
  ...argumentRules,
];

/** Checks a cache against every one of {@link cacheRules}. */
export function testCacheContract(runner: Runner, subject: CacheSubject): void {
  testRules<CacheContext>(runner, {
    title: `cache contract: ${subject.name}`,
    rules: cacheRules,
    exemptions: subject.exemptions ?? {},
    withContext: (check) => withCache(subject, check),
  });
}

/** Opens a cache for `check`; closes it and every other cache that `check` opened. */
async function withCache(
  { open, pass, clock }: CacheSubject,
  check: (context: CacheContext) => Promise<void>,
): Promise<void> {
  const opened: Cache[] = [];
  const openAndNote = async (options?: CacheOptions): Promise<Cache> => {
    const cache = await open(options);
    opened.push(cache);
    return cache;
  };
  try {
    await check({ cache: await openAndNote(), clock, pass, open: openAndNote });
  } finally {
    await Promise.all(opened.map((cache) => cache.close()));
  }
}
