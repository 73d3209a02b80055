import type { Cache } from "../../src/contracts/cache.ts";
import type { CacheOptions } from "../../src/contracts/options.ts";
import { createSessions } from "../../src/sessions/index.ts";
import { type Runner, testRules } from "./rules.ts";
import { apartRules } from "./session-rules/apart.ts";
import { damageRules } from "./session-rules/damage.ts";
import { destroyingRules } from "./session-rules/destroying.ts";
import { dictionaryRules } from "./session-rules/dictionary.ts";
import { expiryRules } from "./session-rules/expiry.ts";
import { fieldNameRules } from "./session-rules/field-names.ts";
import { flagRules } from "./session-rules/flags.ts";
import { interruptionRules } from "./session-rules/interruptions.ts";
import { lifetimeRules } from "./session-rules/lifetimes.ts";
import { limitRules } from "./session-rules/limits.ts";
import { loadingRules } from "./session-rules/loading.ts";
import { mergingRules } from "./session-rules/merging.ts";
import { nestedChangeRules } from "./session-rules/nested-changes.ts";
import { optionRules } from "./session-rules/options.ts";
import { regeneratingRules } from "./session-rules/regenerating.ts";
import { savingRules } from "./session-rules/saving.ts";
import type { SessionContext, SessionRule, SessionSubject } from "./session-rules/session-rule.ts";
import { userChangeRules } from "./session-rules/user-changes.ts";
import { userRules } from "./session-rules/users.ts";

/** Every promise made in the doc comments of `Sessions` and `Session`, as a rule that can be checked. */
export const sessionRules: readonly SessionRule[] = [
  ...dictionaryRules,
  ...flagRules,
  ...loadingRules,
  ...savingRules,
  ...nestedChangeRules,
  ...mergingRules,
  ...interruptionRules,
  ...regeneratingRules,
  ...destroyingRules,
  ...expiryRules,
  ...lifetimeRules,
  ...userRules,
  ...userChangeRules,
  ...limitRules,
  ...damageRules,
  ...fieldNameRules,
  ...apartRules,
  ...optionRules,
];

/** Checks the sessions of a cache against every one of {@link sessionRules}. */
export function testSessionContract(runner: Runner, subject: SessionSubject): void {
  testRules<SessionContext>(runner, {
    title: `session contract: ${subject.name}`,
    rules: sessionRules,
    exemptions: subject.exemptions ?? {},
    withContext: (check) => withSessions(subject, check),
  });
}

/** Opens a cache with sessions for `check`; closes it and every other cache that `check` opened. */
async function withSessions(
  { open, pass, clock }: SessionSubject,
  check: (context: SessionContext) => Promise<void>,
): Promise<void> {
  const opened: Cache[] = [];
  const openAndNote = async (options?: CacheOptions): Promise<Cache> => {
    const cache = await open(options);
    opened.push(cache);
    return cache;
  };
  try {
    const cache = await openAndNote();
    const make: SessionContext["make"] = (options) => createSessions({ ...options, cache });
    await check({ cache, sessions: make(), clock, make, open: openAndNote, pass });
  } finally {
    await Promise.all(opened.map((cache) => cache.close()));
  }
}
