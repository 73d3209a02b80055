import assert from "node:assert/strict";
import type { RecordLifetime, RecordStore } from "../../../src/contracts/records.ts";
import type { Clock } from "../../../src/kit/clock.ts";
import { minuteMs, momentMs } from "../store-rules/store-rule.ts";
import {
  assertFields,
  assertGone,
  assertRemains,
  brief,
  forAMinute,
  forAnHour,
  hourMs,
  loaded,
  moving,
  noChange,
  otherFields,
  type RecordContext,
  type RecordRule,
  rule,
  someFields,
} from "./record-rule.ts";

/** A method that sets a record's lifetime. */
interface Giver {
  readonly verb: string;
  /** The record's key afterwards. */
  readonly at: string;
  /** The record's key before, if another. */
  readonly from?: string;
  readonly give: (records: RecordStore, lifetime: RecordLifetime) => Promise<unknown>;
}

/** The methods that set it on the existing record "key". */
const changers: readonly Giver[] = [
  {
    verb: "update",
    at: "key",
    give: (records, lifetime) => records.update("key", noChange, lifetime),
  },
  {
    verb: "put over a record",
    at: "key",
    give: (records, lifetime) => records.put("key", otherFields, lifetime),
  },
  { verb: "touch", at: "key", give: (records, lifetime) => records.touch("key", lifetime) },
  {
    verb: "move",
    at: "moved",
    from: "key",
    give: (records, lifetime) => records.move(moving("key", "moved", { lifetime })),
  },
];

const bringers: readonly Giver[] = [
  {
    verb: "create",
    at: "new",
    give: (records, lifetime) => records.create("new", otherFields, lifetime),
  },
  {
    verb: "put",
    at: "new",
    give: (records, lifetime) => records.put("new", otherFields, lifetime),
  },
];

const givers: readonly Giver[] = [...bringers, ...changers];

/** Builds a lifetime when the rule runs. */
type LifetimeAt = (nowMs: number) => RecordLifetime;

/** Lifetimes of a minute, by the bound that comes first. */
const earliest: readonly (readonly [string, LifetimeAt])[] = [
  ["a ttl alone", () => ({ ttlMs: minuteMs })],
  ["a moment alone", (nowMs) => ({ untilMs: nowMs + minuteMs })],
  ["a max age alone", () => ({ maxAgeMs: minuteMs })],
  ["a ttl", (nowMs) => ({ ttlMs: minuteMs, untilMs: nowMs + hourMs, maxAgeMs: hourMs })],
  ["a moment", (nowMs) => ({ ttlMs: hourMs, untilMs: nowMs + minuteMs, maxAgeMs: hourMs })],
  ["a max age", (nowMs) => ({ ttlMs: hourMs, untilMs: nowMs + hourMs, maxAgeMs: minuteMs })],
];

const over: readonly (readonly [string, LifetimeAt])[] = [
  ["a ttl of 0", () => ({ ttlMs: 0 })],
  ["a negative ttl", () => ({ ttlMs: -minuteMs })],
  ["a past moment", (nowMs) => ({ untilMs: nowMs - 5_000 })],
  ["the moment 0", () => ({ untilMs: 0 })],
  ["a max age of 0", () => ({ maxAgeMs: 0 })],
  ["a past moment before a ttl", (nowMs) => ({ ttlMs: hourMs, untilMs: nowMs - 5_000 })],
];

const forAnAge: RecordLifetime = { ttlMs: 100_000 * 365 * 24 * hourMs };

/** What lifetimes and ages promise. */
export const lifetimeRules: readonly RecordRule[] = [
  ...givers.flatMap(({ verb, at, give }) =>
    earliest.map(([end, lifetimeAt]) =>
      rule(`${verb} lets ${end} end a record`, async ({ records, subject }) => {
        await records.create("key", someFields, forAnHour);
        await give(records, lifetimeAt(subject.clock.now()));
        await assertRemains(records, at, minuteMs);
      }),
    ),
  ),
  ...givers.flatMap(({ verb, at, from, give }) =>
    over.map(([end, lifetimeAt]) =>
      rule(`${verb} with ${end} leaves no record`, async ({ records, subject }) => {
        await records.create("key", someFields, forAnHour);
        await give(records, lifetimeAt(subject.clock.now()));
        await assertGone(records, at);
        await assertGone(records, from ?? at);
      }),
    ),
  ),
  ...givers.flatMap(({ verb, at, give }) => [
    rule(`a record dies at the end that ${verb} gave it`, async ({ records, subject }) => {
      await records.create("key", someFields, forAnHour);
      await give(records, brief);
      await subject.pass(momentMs);
      await assertGone(records, at);
    }),
    rule(`${verb} takes times with fractions of a millisecond`, async ({ records, subject }) => {
      await records.create("key", someFields, forAnHour);
      const untilMs = Math.floor(subject.clock.now()) + minuteMs + 0.25;
      await give(records, { ttlMs: minuteMs + 0.5, untilMs, maxAgeMs: hourMs + 0.75 });
      await assertRemains(records, at, minuteMs);
    }),
  ]),
  ...changers.flatMap(({ verb, at, from, give }) => [
    rule(`${verb} does not begin a record's age anew`, async ({ records, subject }) => {
      await records.create("key", someFields, forAMinute);
      await subject.pass(momentMs);
      await give(records, forAMinute);
      const { ageMs } = await loaded(records, at);
      assert.ok(ageMs >= momentMs - 10, `it is ${ageMs} ms old`);
    }),
    rule(`${verb} counts a max age from a record's creation`, async ({ records, subject }) => {
      await records.create("key", someFields, forAMinute);
      await subject.pass(momentMs);
      await give(records, { ttlMs: hourMs, maxAgeMs: minuteMs });
      const { remainingMs, ageMs } = await loaded(records, at);
      assert.ok(remainingMs <= minuteMs - momentMs + 10, `${remainingMs} ms remain`);
      assert.ok(Math.abs(remainingMs + ageMs - minuteMs) <= 10, `after ${ageMs} ms`);
    }),
    rule(`${verb} with a max age that has passed leaves no record`, async (context) => {
      const { records, subject } = context;
      await records.create("key", someFields, forAMinute);
      await subject.pass(momentMs);
      await give(records, { ttlMs: hourMs, maxAgeMs: momentMs - 20 });
      await assertGone(records, at);
      await assertGone(records, from ?? at);
    }),
  ]),
  rule("a record lives until its end", async ({ records, subject }) => {
    await records.create("key", someFields, forAMinute);
    await subject.pass(momentMs);
    await assertFields(records, "key", someFields);
  }),
  rule("a life can last a hundred thousand years", async ({ records }) => {
    await records.create("key", someFields, forAnAge);
    await assertRemains(records, "key", Number(forAnAge.ttlMs));
  }),
  rule("what remains of a life is at least 1, and at most what was given", async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    const { remainingMs } = await loaded(records, "key");
    assert.ok(remainingMs >= 1 && remainingMs <= minuteMs, `${remainingMs} ms remain`);
  }),
  rule("what remains shrinks with time", async ({ records, subject }) => {
    await records.create("key", someFields, forAMinute);
    await subject.pass(momentMs);
    const { remainingMs } = await loaded(records, "key");
    assert.ok(remainingMs <= minuteMs - momentMs + 10, `${remainingMs} ms remain`);
  }),
  rule("reading does not prolong a life", async ({ records, subject }) => {
    await records.create("key", someFields, brief);
    await records.load("key");
    await subject.pass(momentMs);
    await assertGone(records, "key");
  }),
  rule("a record's age grows with time", async ({ records, subject }) => {
    await records.create("key", someFields, forAMinute);
    await subject.pass(momentMs);
    const { ageMs } = await loaded(records, "key");
    assert.ok(ageMs >= momentMs - 10, `it is ${ageMs} ms old`);
  }),
  ...bringers.flatMap(({ verb, at, give }) => [
    rule(`a record is young after ${verb}`, async (context) => {
      await assertYoung(context, at, () => give(context.records, forAMinute));
    }),
    rule(`${verb} where a record was destroyed begins its age anew`, async (context) => {
      await context.records.create(at, someFields, forAMinute);
      await context.subject.pass(momentMs);
      await context.records.destroy(at);
      await assertYoung(context, at, () => give(context.records, forAMinute));
    }),
    rule(`${verb} where a record has expired begins its age anew`, async (context) => {
      await context.records.create(at, someFields, brief);
      await context.subject.pass(momentMs);
      await assertYoung(context, at, () => give(context.records, forAMinute));
    }),
  ]),
  rule("put over the trace of a move begins an age anew", async (context) => {
    const { records, subject } = context;
    await records.create("key", someFields, forAMinute);
    await subject.pass(momentMs);
    await records.move(moving("key", "elsewhere"));
    await assertYoung(context, "key", () => records.put("key", otherFields, forAMinute));
  }),
  rule("a move may be remembered for a fraction of a millisecond more", async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    assert.equal(await records.move(moving("key", "to", { rememberMs: minuteMs + 0.5 })), true);
    assert.equal((await records.destroy("key")).movedTo, "to");
  }),
];

/** Checks that a record's age is at most the time since `begin`. */
async function assertYoung(
  { records, subject }: RecordContext,
  key: string,
  begin: () => Promise<unknown>,
): Promise<void> {
  const passed = stopwatch(subject.clock);
  await begin();
  const { ageMs } = await loaded(records, key);
  const mostMs = passed() + 10;
  assert.ok(
    ageMs >= 0 && ageMs <= mostMs,
    `it is ${ageMs} ms old, and should be ${mostMs} at most`,
  );
}

function stopwatch(clock: Clock): () => number {
  const startMs = clock.now();
  return () => clock.now() - startMs;
}
