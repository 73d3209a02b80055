import assert from "node:assert/strict";
import type { MemberIndex } from "../../src/contracts/records.ts";
import { type Exemptions, type Rule, type Runner, testRules } from "./rules.ts";
import { minuteMs, momentMs, times } from "./store-rules/store-rule.ts";

/** An index under test, and how the suite opens, closes and ages it. */
export interface MemberIndexSubject {
  /** The name in the title of the suite. */
  readonly name: string;

  /** Rules that the suite skips, by name, each with the reason. */
  readonly exemptions?: Exemptions;

  /** Opens an index without members. */
  open(): Promise<MemberIndex>;

  /** Frees what `open` opened. */
  close?(index: MemberIndex): Promise<void>;

  /** Advances the clock by `ms`, or really waits that long. */
  pass(ms: number): Promise<void>;
}

/** What a rule's check gets. */
export interface MemberIndexContext {
  readonly index: MemberIndex;
  readonly subject: MemberIndexSubject;
}

export type MemberIndexRule = Rule<MemberIndexContext>;

/** Expires within `momentMs`. */
const briefMs = 40;

const thousand = times(1_000, (number) => `member ${number}`);

/** Every promise made in the doc comments of `MemberIndex`, as a rule that can be checked. */
export const memberIndexRules: readonly MemberIndexRule[] = [
  rule("a set that nobody joined has no members", async ({ index }) => {
    await assertMembers(index, "set", []);
  }),
  rule("an added member is in its set", async ({ index }) => {
    await index.add("set", "ann", minuteMs);
    await assertMembers(index, "set", ["ann"]);
  }),
  rule("members join one after the other", async ({ index }) => {
    await addAll(index, "set", ["ann", "bob"]);
    await assertMembers(index, "set", ["ann", "bob"]);
  }),
  rule("a member that is added twice is there once", async ({ index }) => {
    await addAll(index, "set", ["ann", "ann"]);
    await assertMembers(index, "set", ["ann"]);
  }),
  rule("sets of different keys are apart", async ({ index }) => {
    await addAll(index, "set", ["ann", "bob"]);
    await addAll(index, "Set", ["ann", "eve"]);
    await index.remove("Set", ["ann"]);
    await assertMembers(index, "set", ["ann", "bob"]);
    await assertMembers(index, "Set", ["eve"]);
  }),
  rule("keys and members may be any text", async ({ index }) => {
    const key = "ключ *[a]\\ 😀\u0000";
    const members = ["", "__proto__", "имя \r\n {x} 😀", "\ufeffa", "-inf", "1"];
    await addAll(index, key, members);
    await assertMembers(index, key, members);
    await index.remove(key, ["имя \r\n {x} 😀", ""]);
    await assertMembers(index, key, ["__proto__", "\ufeffa", "-inf", "1"]);
  }),
  rule("a thousand who join at once are all kept", async ({ index }) => {
    await Promise.all(thousand.map((member) => index.add("set", member, minuteMs)));
    await assertMembers(index, "set", thousand);
  }),
  rule("a thousand members are removed", async ({ index }) => {
    await Promise.all(thousand.map((member) => index.add("set", member, minuteMs)));
    await index.add("set", "ann", minuteMs);
    await index.remove("set", thousand);
    await assertMembers(index, "set", ["ann"]);
  }),
  rule("a removed member is gone, and the others stay", async ({ index }) => {
    await addAll(index, "set", ["ann", "bob", "eve"]);
    await index.remove("set", ["ann", "eve"]);
    await assertMembers(index, "set", ["bob"]);
  }),
  rule("the last member may be removed", async ({ index }) => {
    await addAll(index, "set", ["ann"]);
    await index.remove("set", ["ann"]);
    await assertMembers(index, "set", []);
  }),
  rule("a removed member may join again", async ({ index }) => {
    await addAll(index, "set", ["ann"]);
    await index.remove("set", ["ann"]);
    await addAll(index, "set", ["ann"]);
    await assertMembers(index, "set", ["ann"]);
  }),
  rule("who is no member may be removed", async ({ index }) => {
    await addAll(index, "set", ["ann"]);
    await index.remove("set", ["nobody", "ann", "nobody"]);
    await index.remove("nowhere", ["ann"]);
    await assertMembers(index, "set", []);
  }),
  rule("removing nobody leaves all", async ({ index }) => {
    await addAll(index, "set", ["ann"]);
    await index.remove("set", []);
    await assertMembers(index, "set", ["ann"]);
  }),
  rule("removing a member ends no other's lease", async ({ index, subject }) => {
    await index.add("set", "ann", minuteMs);
    await index.add("set", "bob", 2 * minuteMs);
    await index.remove("set", ["bob"]);
    await subject.pass(momentMs);
    await assertMembers(index, "set", ["ann"]);
  }),
  rule("what a caller does to the members it read is not seen", async ({ index }) => {
    await addAll(index, "set", ["ann"]);
    const members = await index.members("set");
    if (Array.isArray(members)) members.length = 0;
    await assertMembers(index, "set", ["ann"]);
  }),
  rule("a member stays until its lease is over", async ({ index, subject }) => {
    await index.add("set", "ann", minuteMs);
    await subject.pass(momentMs);
    await index.add("set", "bob", minuteMs);
    await assertMembers(index, "set", ["ann", "bob"]);
  }),
  rule("a member whose lease is over is dropped at the next add", async ({ index, subject }) => {
    await index.add("set", "ann", minuteMs);
    await index.add("set", "bob", briefMs);
    await subject.pass(momentMs);
    await index.add("set", "eve", minuteMs);
    await assertMembers(index, "set", ["ann", "eve"]);
  }),
  rule("an add to one set drops nobody of another", async ({ index, subject }) => {
    await index.add("set", "ann", minuteMs);
    await index.add("other", "bob", briefMs);
    await subject.pass(momentMs);
    await index.add("other", "eve", minuteMs);
    await assertMembers(index, "set", ["ann"]);
    await assertMembers(index, "other", ["eve"]);
  }),
  rule("a lease of nothing does not let a member in", async ({ index }) => {
    await index.add("set", "ann", minuteMs);
    await index.add("set", "bob", 0);
    await assertMembers(index, "set", ["ann"]);
  }),
  rule("a renewed lease lasts until its new end", async ({ index, subject }) => {
    await index.add("set", "ann", briefMs);
    await index.add("set", "ann", minuteMs);
    await subject.pass(momentMs);
    await index.add("set", "bob", minuteMs);
    await assertMembers(index, "set", ["ann", "bob"]);
  }),
  rule("a renewed lease may end sooner", async ({ index, subject }) => {
    await index.add("set", "ann", minuteMs);
    await index.add("set", "ann", briefMs);
    await subject.pass(momentMs);
    await index.add("set", "bob", minuteMs);
    await assertMembers(index, "set", ["bob"]);
  }),
  rule("a set is gone when its longest lease is over", async ({ index, subject }) => {
    await index.add("set", "ann", briefMs);
    await index.add("set", "bob", briefMs);
    await subject.pass(momentMs);
    await assertMembers(index, "set", []);
  }),
  rule("a set whose leases were all made shorter is gone with the last", async (context) => {
    const { index, subject } = context;
    await index.add("set", "ann", minuteMs);
    await index.add("set", "ann", briefMs);
    await subject.pass(momentMs);
    await assertMembers(index, "set", []);
  }),
  rule("a short lease does not end a longer one before it", async ({ index, subject }) => {
    await index.add("set", "long", minuteMs);
    await index.add("set", "short", briefMs);
    await subject.pass(momentMs);
    assert.ok((await index.members("set")).includes("long"));
  }),
  rule("a short lease does not end a longer one after it", async ({ index, subject }) => {
    await index.add("set", "short", briefMs);
    await index.add("set", "long", minuteMs);
    await subject.pass(momentMs);
    assert.ok((await index.members("set")).includes("long"));
  }),
  rule("a lease may have a fraction of a millisecond", async ({ index }) => {
    await index.add("set", "ann", minuteMs + 0.5);
    await assertMembers(index, "set", ["ann"]);
  }),
  rule("a lease can last a hundred thousand years", async ({ index }) => {
    await index.add("set", "ann", 100_000 * 365 * 24 * 60 * minuteMs);
    await index.add("set", "bob", minuteMs);
    await assertMembers(index, "set", ["ann", "bob"]);
  }),
];

/** Checks an index against every one of {@link memberIndexRules}. */
export function testMemberIndexContract(runner: Runner, subject: MemberIndexSubject): void {
  testRules<MemberIndexContext>(runner, {
    title: `member index contract: ${subject.name}`,
    rules: memberIndexRules,
    exemptions: subject.exemptions ?? {},
    withContext: async (check) => {
      const index = await subject.open();
      try {
        await check({ index, subject });
      } finally {
        await subject.close?.(index);
      }
    },
  });
}

function rule(
  name: string,
  check: (context: MemberIndexContext) => Promise<void>,
): MemberIndexRule {
  return { name, check };
}

async function addAll(index: MemberIndex, key: string, members: readonly string[]): Promise<void> {
  for (const member of members) await index.add(key, member, minuteMs);
}

/** Checks the members of a set, in any order. */
async function assertMembers(
  index: MemberIndex,
  key: string,
  expected: readonly string[],
): Promise<void> {
  assert.deepEqual((await index.members(key)).toSorted(), expected.toSorted());
}
