import assert from "node:assert/strict";
import { minuteMs, momentMs, times } from "../store-rules/store-rule.ts";
import {
  assertFields,
  assertGone,
  assertRemains,
  brief,
  forAMinute,
  forAnHour,
  hourMs,
  moving,
  otherFields,
  type RecordRule,
  removing,
  rule,
  setting,
  someFields,
} from "./record-rule.ts";

/** What `move` promises for an existing record, and what `destroy` answers afterwards. */
export const movingRules: readonly RecordRule[] = [
  rule("move takes the fields along", async ({ records }) => {
    await records.create("from", someFields, forAMinute);
    assert.equal(await records.move(moving("from", "to")), true);
    await assertFields(records, "to", someFields);
  }),
  rule("move leaves nothing alive behind", async ({ records }) => {
    await records.create("from", someFields, forAMinute);
    await records.move(moving("from", "to"));
    await assertGone(records, "from");
  }),
  rule("move sets fields on its way", async ({ records }) => {
    await records.create("from", someFields, forAMinute);
    await records.move(moving("from", "to", { change: setting({ name: "Bob", age: "7" }) }));
    await assertFields(records, "to", new Map([...someFields, ["name", "Bob"], ["age", "7"]]));
  }),
  rule("move removes fields on its way", async ({ records }) => {
    await records.create("from", someFields, forAMinute);
    await records.move(moving("from", "to", { change: removing("name") }));
    await assertFields(records, "to", new Map([["city", "Rome"]]));
  }),
  rule("a record whose fields were all removed on its way lives on", async ({ records }) => {
    await records.create("from", someFields, forAMinute);
    await records.move(moving("from", "to", { change: removing("name", "city") }));
    await assertFields(records, "to", new Map());
  }),
  ...[
    { effect: "prolongs", beforeMs: minuteMs, afterMs: hourMs },
    { effect: "shortens", beforeMs: hourMs, afterMs: minuteMs },
  ].map(({ effect, beforeMs, afterMs }) =>
    rule(`move ${effect} a life`, async ({ records }) => {
      await records.create("from", someFields, { ttlMs: beforeMs });
      await records.move(moving("from", "to", { lifetime: { ttlMs: afterMs }, rememberMs: 1_000 }));
      await assertRemains(records, "to", afterMs);
    }),
  ),
  rule("a taken key refuses a move", async ({ records }) => {
    await records.create("from", someFields, forAMinute);
    await records.create("to", otherFields, forAMinute);
    assert.equal(await records.move(moving("from", "to")), false);
  }),
  rule("a refused move leaves both records and their lifetimes", async ({ records }) => {
    await records.create("from", someFields, forAMinute);
    await records.create("to", otherFields, forAMinute);
    const rest = { change: setting({ a: "1" }), lifetime: forAnHour };
    await records.move(moving("from", "to", rest));
    await assertFields(records, "from", someFields);
    await assertFields(records, "to", otherFields);
    await assertRemains(records, "from", minuteMs);
    await assertRemains(records, "to", minuteMs);
  }),
  rule("a refused move with a lifetime that is over removes nothing", async ({ records }) => {
    await records.create("from", someFields, forAMinute);
    await records.create("to", otherFields, forAMinute);
    assert.equal(await records.move(moving("from", "to", { lifetime: { ttlMs: 0 } })), false);
    await assertFields(records, "from", someFields);
    await assertFields(records, "to", otherFields);
  }),
  rule("a record does not move onto itself", async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    assert.equal(await records.move(moving("key", "key")), false);
    await assertFields(records, "key", someFields);
  }),
  rule("a key with the trace of a move refuses another", async ({ records }) => {
    await records.create("first", someFields, forAMinute);
    await records.create("second", otherFields, forAMinute);
    await records.move(moving("first", "to"));
    assert.equal(await records.move(moving("second", "first")), false);
    await assertGone(records, "first");
    await assertFields(records, "second", otherFields);
  }),
  rule("of 50 who move a record at once one wins", async ({ records }) => {
    await records.create("from", someFields, forAMinute);
    const moved = await Promise.all(
      times(50, (index) => records.move(moving("from", `to ${index}`))),
    );
    assert.equal(moved.filter(Boolean).length, 1);
    const living = await Promise.all(times(50, (index) => records.load(`to ${index}`)));
    assert.deepEqual(
      living.map((record) => record !== undefined),
      moved,
    );
  }),
  rule("of 50 who move to one key at once one wins", async ({ records }) => {
    const froms = times(50, (index) => `from ${index}`);
    await Promise.all(
      froms.map((from) => records.create(from, new Map([["by", from]]), forAMinute)),
    );
    const moved = await Promise.all(froms.map((from) => records.move(moving(from, "to"))));
    assert.equal(moved.filter(Boolean).length, 1);
    await assertFields(records, "to", new Map([["by", `from ${moved.indexOf(true)}`]]));
  }),
  rule("a moved record can be moved on", async ({ records }) => {
    await records.create("first", someFields, forAMinute);
    await records.move(moving("first", "second"));
    assert.equal(await records.move(moving("second", "third")), true);
    await assertFields(records, "third", someFields);
  }),
  rule("a moved record can be updated, touched and destroyed", async ({ records }) => {
    await records.create("from", someFields, forAMinute);
    await records.move(moving("from", "to"));
    assert.equal(await records.update("to", setting({ a: "1" }), forAMinute), true);
    assert.equal(await records.touch("to", forAMinute), true);
    assert.equal((await records.destroy("to")).destroyed, true);
    await assertGone(records, "to");
  }),
  rule("destroy tells where a record has moved to", async ({ records }) => {
    await records.create("from", someFields, forAMinute);
    await records.move(moving("from", "to"));
    assert.deepEqual(await records.destroy("from"), { destroyed: false, movedTo: "to" });
  }),
  rule("destroy of a record that moved away destroys nothing", async ({ records }) => {
    await records.create("from", someFields, forAMinute);
    await records.move(moving("from", "to"));
    await records.destroy("from");
    await assertFields(records, "to", someFields);
  }),
  rule("destroy tells where a record has moved to as often as it is asked", async ({ records }) => {
    await records.create("from", someFields, forAMinute);
    await records.move(moving("from", "to"));
    await records.destroy("from");
    assert.equal((await records.destroy("from")).movedTo, "to");
  }),
  ...["Ann", "Bob"].map((text) =>
    rule(`destroy where "name" is "${text}" tells where Ann has moved to`, async ({ records }) => {
      await records.create("from", someFields, forAMinute);
      await records.move(moving("from", "to"));
      const destruction = await records.destroy("from", { field: "name", text });
      assert.deepEqual(destruction, { destroyed: false, movedTo: "to" });
    }),
  ),
  rule("destroy tells each step of a record that moved twice", async ({ records }) => {
    await records.create("first", someFields, forAMinute);
    await records.move(moving("first", "second"));
    await records.move(moving("second", "third"));
    assert.equal((await records.destroy("first")).movedTo, "second");
    assert.equal((await records.destroy("second")).movedTo, "third");
  }),
  rule("destroy of a living record tells of no move", async ({ records }) => {
    await records.create("from", someFields, forAMinute);
    await records.move(moving("from", "to"));
    assert.equal((await records.destroy("to")).movedTo, undefined);
  }),
  rule("where a record has moved to is remembered until its time is over", async (context) => {
    const { records, subject } = context;
    await records.create("from", someFields, forAMinute);
    await records.move(moving("from", "to", { lifetime: brief, rememberMs: minuteMs }));
    await subject.pass(momentMs);
    assert.equal((await records.destroy("from")).movedTo, "to");
  }),
  rule("where a record has moved to is forgotten after its time", async (context) => {
    const { records, subject } = context;
    await records.create("from", someFields, forAMinute);
    await records.move(moving("from", "to", { rememberMs: 40 }));
    await subject.pass(momentMs);
    assert.equal((await records.destroy("from")).movedTo, undefined);
    await assertFields(records, "to", someFields);
  }),
  rule("a key is free again once its trace is forgotten", async ({ records, subject }) => {
    await records.create("from", someFields, forAMinute);
    await records.move(moving("from", "to", { rememberMs: 40 }));
    await subject.pass(momentMs);
    assert.equal(await records.create("from", otherFields, forAMinute), true);
    await assertFields(records, "from", otherFields);
  }),
  rule("a move that is to be remembered for 0 ms leaves no trace", async ({ records }) => {
    await records.create("from", someFields, forAMinute);
    assert.equal(await records.move(moving("from", "to", { rememberMs: 0 })), true);
    assert.equal((await records.destroy("from")).movedTo, undefined);
    assert.equal(await records.create("from", otherFields, forAMinute), true);
  }),
];
