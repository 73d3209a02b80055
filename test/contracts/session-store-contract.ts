import type { SessionStoreOptions } from "../../src/contracts/session-store.ts";
import { openSessionStore } from "../../src/sessions/index.ts";
import { type Exemptions, type Runner, testRules } from "./rules.ts";
import { lifetimeRules } from "./session-store-rules/lifetimes.ts";
import { mergingRules, wholeRules } from "./session-store-rules/merging.ts";
import { readingRules } from "./session-store-rules/reading.ts";
import type {
  SessionStoreContext,
  SessionStoreRule,
  SessionStoreSubject,
} from "./session-store-rules/session-store-rule.ts";
import { walkingRules } from "./session-store-rules/walking.ts";
import { writingRules } from "./session-store-rules/writing.ts";

/** Every promise made in the doc comments of `SessionStore` for any layout, as a rule that can be checked. */
const commonRules: readonly SessionStoreRule[] = [
  ...readingRules,
  ...writingRules,
  ...lifetimeRules,
  ...walkingRules,
];

/** Checks the session store of a layout against every one of its rules. */
export function testSessionStoreContract(runner: Runner, subject: SessionStoreSubject): void {
  const { name, layout, exemptions = {} } = subject;
  testRules<SessionStoreContext>(runner, {
    title: `session store contract: ${name}`,
    rules: [...commonRules, ...(layout === "merged" ? mergingRules : wholeRules)],
    exemptions: exemptions satisfies Exemptions,
    withContext: (check) => withStore(subject, check),
  });
}

async function withStore(
  { open, pass, layout }: SessionStoreSubject,
  check: (context: SessionStoreContext) => Promise<void>,
): Promise<void> {
  const cache = await open();
  const another = (options: Partial<SessionStoreOptions> = {}) =>
    openSessionStore({ cache, layout, ...options });
  try {
    await check({ cache, store: another(), layout, another, pass });
  } finally {
    await cache.close();
  }
}
