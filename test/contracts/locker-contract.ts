import assert from "node:assert/strict";
import type { Locker } from "../../src/contracts/locker.ts";
import { type Exemptions, type Rule, type Runner, testRules } from "./rules.ts";

/** A locker under test, and how the suite opens, closes and ages it. */
export interface LockerSubject {
  /** The name in the title of the suite. */
  readonly name: string;

  /** Rules that the suite skips, by name, each with the reason. */
  readonly exemptions?: Exemptions;

  /** Opens a locker without locks. */
  open(): Promise<Locker>;

  /** Frees what `open` opened. */
  close?(locker: Locker): Promise<void>;

  /** Advances the clock by `ms`, or really waits that long. */
  pass(ms: number): Promise<void>;
}

/** What a rule's check gets. */
export interface LockerContext {
  readonly locker: Locker;
  readonly subject: LockerSubject;
}

export type LockerRule = Rule<LockerContext>;

const minuteMs = 60_000;
const briefMs = 40;
const momentMs = 60;

/** Long enough that the next call arrives before the lock expires, even on a busy machine. */
const whileMs = 300;
const longerMs = 330;

/** Every promise made in the doc comments of `Locker`, as a rule that can be checked. */
export const lockerRules: readonly LockerRule[] = [
  rule("a free lock can be taken", async ({ locker }) => {
    assert.notEqual(await locker.acquire("door", "me", minuteMs), undefined);
  }),
  rule("a fence is a positive safe integer", async ({ locker }) => {
    const fence = await locker.acquire("door", "me", minuteMs);
    assert.ok(Number.isSafeInteger(fence) && Number(fence) > 0, `the fence is ${fence}`);
  }),
  rule("a held lock is refused to another", async ({ locker }) => {
    await locker.acquire("door", "me", minuteMs);
    assert.equal(await locker.acquire("door", "you", minuteMs), undefined);
  }),
  rule("a held lock is refused to its own holder", async ({ locker }) => {
    await locker.acquire("door", "me", minuteMs);
    assert.equal(await locker.acquire("door", "me", minuteMs), undefined);
  }),
  rule("of a hundred who come at once exactly one gets the lock", async ({ locker }) => {
    const tokens = Array.from({ length: 100 }, (_, index) => `token ${index}`);
    const fences = await Promise.all(
      tokens.map((token) => locker.acquire("door", token, minuteMs)),
    );
    assert.equal(fences.filter((fence) => fence !== undefined).length, 1);
  }),
  rule("locks of different keys are independent", async ({ locker }) => {
    await locker.acquire("door", "me", minuteMs);
    assert.notEqual(await locker.acquire("Door", "you", minuteMs), undefined);
    assert.equal(await locker.release("Door", "me"), false);
  }),
  rule("keys and tokens may be any text", async ({ locker }) => {
    const [key, token] = ["дверь *[a]\\ 😀\u0000", "мой \r\n {token} 😀"];
    assert.notEqual(await locker.acquire(key, token, minuteMs), undefined);
    assert.equal(await locker.extend(key, token, minuteMs), true);
    assert.equal(await locker.release(key, token), true);
  }),
  rule("its holder frees a lock", async ({ locker }) => {
    await locker.acquire("door", "me", minuteMs);
    assert.equal(await locker.release("door", "me"), true);
    assert.notEqual(await locker.acquire("door", "you", minuteMs), undefined);
  }),
  rule("another does not free a lock", async ({ locker }) => {
    await locker.acquire("door", "me", minuteMs);
    assert.equal(await locker.release("door", "you"), false);
    assert.equal(await locker.acquire("door", "you", minuteMs), undefined);
  }),
  rule("a lock is freed once", async ({ locker }) => {
    await locker.acquire("door", "me", minuteMs);
    await locker.release("door", "me");
    assert.equal(await locker.release("door", "me"), false);
  }),
  rule("a lock that nobody holds cannot be freed", async ({ locker }) => {
    assert.equal(await locker.release("door", "me"), false);
  }),
  rule("a lock that nobody holds cannot be extended", async ({ locker }) => {
    assert.equal(await locker.extend("door", "me", minuteMs), false);
    assert.notEqual(await locker.acquire("door", "you", minuteMs), undefined);
  }),
  rule("another cannot extend a lock", async ({ locker, subject }) => {
    await locker.acquire("door", "me", briefMs);
    assert.equal(await locker.extend("door", "you", minuteMs), false);
    await subject.pass(momentMs);
    assert.notEqual(await locker.acquire("door", "you", minuteMs), undefined);
  }),
  rule("a lock ends by itself", async ({ locker, subject }) => {
    await locker.acquire("door", "me", briefMs);
    await subject.pass(momentMs);
    assert.notEqual(await locker.acquire("door", "you", minuteMs), undefined);
  }),
  rule("a lock lasts until its end", async ({ locker, subject }) => {
    await locker.acquire("door", "me", minuteMs);
    await subject.pass(momentMs);
    assert.equal(await locker.acquire("door", "you", minuteMs), undefined);
  }),
  rule("a refused attempt does not prolong a lock", async ({ locker, subject }) => {
    await locker.acquire("door", "me", whileMs);
    await locker.acquire("door", "me", minuteMs);
    await subject.pass(longerMs);
    assert.notEqual(await locker.acquire("door", "you", minuteMs), undefined);
  }),
  rule("its holder makes a lock last longer", async ({ locker, subject }) => {
    await locker.acquire("door", "me", whileMs);
    assert.equal(await locker.extend("door", "me", minuteMs), true);
    await subject.pass(longerMs);
    assert.equal(await locker.acquire("door", "you", minuteMs), undefined);
  }),
  rule("its holder makes a lock end sooner", async ({ locker, subject }) => {
    await locker.acquire("door", "me", minuteMs);
    assert.equal(await locker.extend("door", "me", briefMs), true);
    await subject.pass(momentMs);
    assert.notEqual(await locker.acquire("door", "you", minuteMs), undefined);
  }),
  rule("a lock that has ended cannot be extended", async ({ locker, subject }) => {
    await locker.acquire("door", "me", briefMs);
    await subject.pass(momentMs);
    assert.equal(await locker.extend("door", "me", minuteMs), false);
  }),
  rule("a lock that has ended cannot be freed", async ({ locker, subject }) => {
    await locker.acquire("door", "me", briefMs);
    await subject.pass(momentMs);
    assert.equal(await locker.release("door", "me"), false);
  }),
  rule("who lost a lock does not free the next holder's", async ({ locker, subject }) => {
    await locker.acquire("door", "me", briefMs);
    await subject.pass(momentMs);
    await locker.acquire("door", "you", minuteMs);
    assert.equal(await locker.release("door", "me"), false);
    assert.equal(await locker.extend("door", "you", minuteMs), true);
  }),
  rule("who lost a lock does not extend the next holder's", async ({ locker, subject }) => {
    await locker.acquire("door", "me", briefMs);
    await subject.pass(momentMs);
    await locker.acquire("door", "you", minuteMs);
    assert.equal(await locker.extend("door", "me", minuteMs), false);
  }),
  rule("fences grow from holder to holder", async ({ locker }) => {
    let last = 0;
    for (let turn = 0; turn < 100; turn++) {
      const fence = await locker.acquire("door", `token ${turn}`, minuteMs);
      assert.ok(Number(fence) > last, `${fence} after ${last}`);
      last = Number(fence);
      await locker.release("door", `token ${turn}`);
    }
  }),
  rule("the fence grows when a lock has ended by itself", async ({ locker, subject }) => {
    const first = await locker.acquire("door", "me", briefMs);
    await subject.pass(momentMs);
    const second = await locker.acquire("door", "me", briefMs);
    assert.ok(Number(second) > Number(first), `${second} after ${first}`);
  }),
];

/** Checks a locker against every one of {@link lockerRules}. */
export function testLockerContract(runner: Runner, subject: LockerSubject): void {
  testRules<LockerContext>(runner, {
    title: `locker contract: ${subject.name}`,
    rules: lockerRules,
    exemptions: subject.exemptions ?? {},
    withContext: async (check) => {
      const locker = await subject.open();
      try {
        await check({ locker, subject });
      } finally {
        await subject.close?.(locker);
      }
    },
  });
}

function rule(name: string, check: (context: LockerContext) => Promise<void>): LockerRule {
  return { name, check };
}
