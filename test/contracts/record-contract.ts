import { creatingRules } from "./record-rules/creating.ts";
import { destroyingRules } from "./record-rules/destroying.ts";
import { endedRules } from "./record-rules/ended.ts";
import { fieldRules } from "./record-rules/fields.ts";
import { foreignTypeRules } from "./record-rules/foreign-types.ts";
import { lifetimeRules } from "./record-rules/lifetimes.ts";
import { movingRules } from "./record-rules/moving.ts";
import type { RecordContext, RecordRule, RecordSubject } from "./record-rules/record-rule.ts";
import { updatingRules } from "./record-rules/updating.ts";
import { walkingRules } from "./record-rules/walking.ts";
import { type Exemptions, type Runner, testRules } from "./rules.ts";

/** Every promise made in the doc comments of `RecordStore`, as a rule that can be checked. */
export const recordRules: readonly RecordRule[] = [
  ...creatingRules,
  ...updatingRules,
  ...movingRules,
  ...destroyingRules,
  ...endedRules,
  ...lifetimeRules,
  ...fieldRules,
  ...walkingRules,
  ...foreignTypeRules,
];

/** Checks a record store against every one of {@link recordRules}. */
export function testRecordContract(runner: Runner, subject: RecordSubject): void {
  testRules<RecordContext>(runner, {
    title: `record contract: ${subject.name}`,
    rules: recordRules,
    exemptions: { ...impossibleFor(subject), ...subject.exemptions },
    withContext: async (check) => {
      const records = await subject.open();
      try {
        await check({ records, subject });
      } finally {
        await subject.close?.(records);
      }
    },
  });
}

function impossibleFor(subject: RecordSubject): Exemptions {
  if (subject.plantForeignType !== undefined) return {};
  const reason = "there is one type only";
  return Object.fromEntries(foreignTypeRules.map(({ name }) => [name, reason]));
}
