const examplesKept = 3;

/** Broken rules: how often, and the first few cases in words. */
export class Findings {
  /** @type {Map<string, { count: number, examples: string[] }>} */
  #byRule = new Map();

  /**
   * @param {string} rule the rule that was broken, in few words
   * @param {string} detail
   */
  add(rule, detail) {
    const entry = this.#byRule.get(rule) ?? { count: 0, examples: [] };
    this.#byRule.set(rule, entry);
    entry.count += 1;
    if (entry.examples.length < examplesKept) entry.examples.push(detail);
  }

  /**
   * How often a rule was broken; without a name, any.
   *
   * @param {string} [rule]
   */
  count(rule) {
    if (rule !== undefined) return this.#byRule.get(rule)?.count ?? 0;
    return [...this.#byRule.values()].reduce((sum, { count }) => sum + count, 0);
  }

  /** Returns a line per broken rule, each followed by its examples. */
  lines() {
    return [...this.#byRule].flatMap(([rule, { count, examples }]) => {
      return [`${rule} (${count})`].concat(examples.map((example) => `  ${example}`));
    });
  }
}
