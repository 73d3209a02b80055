import assert from "node:assert/strict";
import { describe, expect, test } from "vitest";
import { lockerRules } from "./locker-contract.ts";
import { memberIndexRules } from "./member-index-contract.ts";
import { recordRules } from "./record-contract.ts";
import { type Runner, testRules } from "./rules.ts";
import { storeRules } from "./store-contract.ts";

interface Ran {
  readonly runner: Runner;
  readonly titles: string[];
  readonly bodies: (() => Promise<void>)[];
}

/** A runner that records titles and bodies instead of running them. */
function noting(): Ran {
  const titles: string[] = [];
  const bodies: (() => Promise<void>)[] = [];
  const run = (name: string, body: () => Promise<void>): void => {
    titles.push(name);
    bodies.push(body);
  };
  const skip = (name: string): void => {
    titles.push(`skipped: ${name}`);
  };
  const describeNoting = (name: string, body: () => void): void => {
    titles.push(name);
    body();
  };
  return {
    runner: { describe: describeNoting, test: Object.assign(run, { skip }) },
    titles,
    bodies,
  };
}

describe("rules", () => {
  const rules = [
    { name: "one is odd", check: async (value: number) => assert.equal(value % 2, 1) },
    { name: "one is even", check: async (value: number) => assert.equal(value % 2, 0) },
  ];
  const withContext = (check: (value: number) => Promise<void>): Promise<void> => check(1);

  test("each rule becomes a test", () => {
    const { runner, titles } = noting();
    testRules(runner, { title: "one", rules, exemptions: {}, withContext });
    expect(titles).toEqual(["one", "one is odd", "one is even"]);
  });

  test("a broken promise fails its test", async () => {
    const { runner, bodies } = noting();
    testRules(runner, { title: "one", rules, exemptions: {}, withContext });
    await expect(bodies[0]?.()).resolves.toBeUndefined();
    await expect(bodies[1]?.()).rejects.toThrow("strictly equal");
  });

  test("an exempted rule is skipped and names its reason", () => {
    const { runner, titles } = noting();
    testRules(runner, {
      title: "one",
      rules,
      exemptions: { "one is even": "it is not" },
      withContext,
    });
    expect(titles).toEqual(["one", "one is odd", "skipped: one is even (it is not)"]);
  });

  test("an exemption from no known rule is refused", () => {
    const suite = { title: "one", rules, exemptions: { "one is evn": "typo" }, withContext };
    expect(() => {
      testRules(noting().runner, suite);
    }).toThrow("one: no such rule to be exempted from: one is evn");
  });

  test.each([
    ["store", storeRules.map(({ name }) => name)],
    ["locker", lockerRules.map(({ name }) => name)],
    ["record", recordRules.map(({ name }) => name)],
    ["member index", memberIndexRules.map(({ name }) => name)],
  ])("no two rules of the %s contract share a name", (_contract, names) => {
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});
