/** The part of a test runner that the suites use; vitest has it. */
export interface Runner {
  describe(name: string, body: () => void): void;
  readonly test: {
    (name: string, body: () => Promise<void>): void;
    skip(name: string, body: () => Promise<void>): void;
  };
}

/** One promise of a contract in plain words, and its check. */
export interface Rule<Context> {
  readonly name: string;
  check(context: Context): Promise<void>;
}

/** Rules that a suite skips, by name, each with the reason. */
export type Exemptions = Readonly<Record<string, string>>;

/** A title, its rules, and how to open what they check. */
export interface Suite<Context> {
  readonly title: string;
  readonly rules: readonly Rule<Context>[];
  readonly exemptions: Exemptions;

  /** Opens a fresh context for `check`, and closes it afterwards. */
  withContext(check: (context: Context) => Promise<void>): Promise<void>;
}

/**
 * Registers a test for each rule, and a skipped test that names the reason for each exempted one.
 *
 * @throws Error if an exemption names a rule that does not exist, which is a typo
 */
export function testRules<Context>(runner: Runner, suite: Suite<Context>): void {
  requireKnownRules(suite);
  runner.describe(suite.title, () => {
    for (const rule of suite.rules) {
      const reason = suite.exemptions[rule.name];
      const body = (): Promise<void> => suite.withContext((context) => rule.check(context));
      if (reason === undefined) runner.test(rule.name, body);
      else runner.test.skip(`${rule.name} (${reason})`, body);
    }
  });
}

function requireKnownRules<Context>({ title, rules, exemptions }: Suite<Context>): void {
  const known = new Set(rules.map((rule) => rule.name));
  const unknown = Object.keys(exemptions).filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new Error(`${title}: no such rule to be exempted from: ${unknown.join("; ")}`);
}
