/** What the contract suites need of a test runner: vitest, node:test, jest and mocha all have it. */
export interface Runner {
  describe(name: string, body: () => void): void;
  readonly test: {
    (name: string, body: () => Promise<void>): void;
    skip(name: string, body: () => Promise<void>): void;
  };
}

/** One promise of a contract in plain words, and the check that holds an implementation to it. */
export interface Rule<Context> {
  readonly name: string;
  check(context: Context): Promise<void>;
}

/** The rules that a subject is let off, by name, each with the reason. */
export type Exemptions = Readonly<Record<string, string>>;

/** Which rules are checked, under which title, and how a rule gets what it is checked on. */
export interface Suite<Context> {
  readonly title: string;
  readonly rules: readonly Rule<Context>[];
  readonly exemptions: Exemptions;

  /** Opens a fresh context for `check`, and frees it afterwards. */
  withContext(check: (context: Context) => Promise<void>): Promise<void>;
}

/**
 * Turns each rule into a test, an exempted one into a skipped test that names its reason.
 *
 * @throws Error for an exemption from a rule that does not exist: it would hide nothing but a typo
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
