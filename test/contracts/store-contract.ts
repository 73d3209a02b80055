import { type Exemptions, type Runner, testRules } from "./rules.ts";
import { countingRules } from "./store-rules/counting.ts";
import { foreignTypeRules } from "./store-rules/foreign-types.ts";
import { lifetimeRules } from "./store-rules/lifetimes.ts";
import { movingRules } from "./store-rules/moving.ts";
import { readingRules } from "./store-rules/reading.ts";
import { scanningRules } from "./store-rules/scanning.ts";
import type { StoreContext, StoreRule, StoreSubject } from "./store-rules/store-rule.ts";
import { writingRules } from "./store-rules/writing.ts";

/** Every promise made in the doc comments of `Store`, as a rule that can be checked. */
export const storeRules: readonly StoreRule[] = [
  ...readingRules,
  ...writingRules,
  ...countingRules,
  ...lifetimeRules,
  ...movingRules,
  ...scanningRules,
  ...foreignTypeRules,
];

/** Checks a store against every one of {@link storeRules}. */
export function testStoreContract(runner: Runner, subject: StoreSubject): void {
  testRules<StoreContext>(runner, {
    title: `store contract: ${subject.name}`,
    rules: storeRules,
    exemptions: { ...impossibleFor(subject), ...subject.exemptions },
    withContext: async (check) => {
      const store = await subject.open();
      try {
        await check({ store, subject });
      } finally {
        await subject.close?.(store);
      }
    },
  });
}

function impossibleFor(subject: StoreSubject): Exemptions {
  if (subject.plantForeignType !== undefined) return {};
  const reason = "this store has one type only";
  return Object.fromEntries(foreignTypeRules.map(({ name }) => [name, reason]));
}
