import assert from "node:assert/strict";
import type { RecordStore } from "../../../src/contracts/records.ts";
import { minuteMs, momentMs, times, toBytes } from "../store-rules/store-rule.ts";
import {
  assertFields,
  assertRemains,
  brief,
  forAMinute,
  forAnHour,
  hourMs,
  loaded,
  noChange,
  otherFields,
  type RecordRule,
  removing,
  rule,
  setting,
  someFields,
} from "./record-rule.ts";

/** What `update` and `touch` promise for an existing record, and how writes change its lifetime. */
export const updatingRules: readonly RecordRule[] = [
  ...[
    { update: "update", lifetime: forAMinute },
    { update: "update without a lifetime", lifetime: undefined },
  ].flatMap(({ update, lifetime }) => [
    rule(`${update} sets fields and leaves the others`, async ({ records }) => {
      await records.create("key", someFields, forAMinute);
      assert.equal(await records.update("key", setting({ name: "Bob", age: "7" }), lifetime), true);
      await assertFields(records, "key", new Map([...someFields, ["name", "Bob"], ["age", "7"]]));
    }),
    rule(`${update} removes fields and leaves the others`, async ({ records }) => {
      await records.create("key", someFields, forAMinute);
      assert.equal(await records.update("key", removing("name"), lifetime), true);
      await assertFields(records, "key", new Map([["city", "Rome"]]));
    }),
    rule(`${update} sets and removes fields at once`, async ({ records }) => {
      await records.create("key", someFields, forAMinute);
      const change = { set: otherFields, remove: ["name"] };
      assert.equal(await records.update("key", change, lifetime), true);
      await assertFields(records, "key", new Map([...otherFields, ["city", "Rome"]]));
    }),
    rule(`${update} of no field leaves them all`, async ({ records }) => {
      await records.create("key", someFields, forAMinute);
      assert.equal(await records.update("key", noChange, lifetime), true);
      await assertFields(records, "key", someFields);
    }),
    rule(`a field that is not there may be removed by ${update}`, async ({ records }) => {
      await records.create("key", someFields, forAMinute);
      assert.equal(await records.update("key", removing("nobody"), lifetime), true);
      await assertFields(records, "key", someFields);
    }),
    rule(`a field removed by ${update} may come back`, async ({ records }) => {
      await records.create("key", someFields, forAMinute);
      await records.update("key", removing("name"), lifetime);
      await records.update("key", setting({ name: "Bob" }), lifetime);
      await assertFields(records, "key", new Map([...someFields, ["name", "Bob"]]));
    }),
    rule(`a record whose fields were all removed by ${update} lives on`, async ({ records }) => {
      await records.create("key", someFields, forAMinute);
      await records.update("key", removing("name", "city"), lifetime);
      await assertFields(records, "key", new Map());
      assert.equal(await records.update("key", { set: otherFields, remove: [] }, lifetime), true);
    }),
    rule(`of 50 at once, each ${update} of a field of its own is kept`, async ({ records }) => {
      await records.create("key", someFields, forAMinute);
      const names = times(50, (index) => `field ${index}`);
      await Promise.all(
        names.map((name) => records.update("key", setting({ [name]: name }), lifetime)),
      );
      const own = names.map((name) => [name, name] as const);
      await assertFields(records, "key", new Map([...someFields, ...own]));
    }),
  ]),
  rule("update without a lifetime leaves a record's age", async ({ records, subject }) => {
    await records.create("key", someFields, forAnHour);
    await subject.pass(momentMs);
    await records.update("key", setting({ name: "Bob" }));
    assert.ok((await loaded(records, "key")).ageMs >= momentMs);
  }),
  rule("update without a lifetime leaves a life as it is", async ({ records, subject }) => {
    await records.create("key", someFields, forAnHour);
    await records.update("key", setting({ name: "Bob" }));
    await assertRemains(records, "key", hourMs);
    await records.touch("key", brief);
    await records.update("key", setting({ name: "Bob" }));
    await subject.pass(momentMs);
    assert.equal(await records.update("key", setting({ name: "Bob" })), false);
    assert.equal(await records.load("key"), undefined);
  }),
  rule("who reads while others update sees no half of an update", async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    const seen = await Promise.all(
      times(50, async (index) => {
        const update = records.update("key", setting({ a: `${index}`, b: `${index}` }), forAMinute);
        const [one] = await Promise.all([sameInBoth(records), update]);
        return one;
      }),
    );
    assert.deepEqual(
      seen,
      times(50, () => true),
    );
  }),
  ...[
    { effect: "prolongs", beforeMs: minuteMs, afterMs: hourMs },
    { effect: "shortens", beforeMs: hourMs, afterMs: minuteMs },
  ].flatMap(({ effect, beforeMs, afterMs }) => [
    rule(`update ${effect} a life`, async ({ records }) => {
      await records.create("key", someFields, { ttlMs: beforeMs });
      await records.update("key", noChange, { ttlMs: afterMs });
      await assertRemains(records, "key", afterMs);
    }),
    rule(`touch ${effect} a life`, async ({ records }) => {
      await records.create("key", someFields, { ttlMs: beforeMs });
      assert.equal(await records.touch("key", { ttlMs: afterMs }), true);
      await assertRemains(records, "key", afterMs);
    }),
    rule(`put ${effect} a life`, async ({ records }) => {
      await records.create("key", someFields, { ttlMs: beforeMs });
      await records.put("key", otherFields, { ttlMs: afterMs });
      await assertRemains(records, "key", afterMs);
    }),
  ]),
  rule("touch changes no field", async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    await records.touch("key", forAnHour);
    await assertFields(records, "key", someFields);
  }),
  rule("touch takes nothing back that is written meanwhile", async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    const touches = times(25, () => records.touch("key", forAMinute));
    const update = records.update("key", { set: otherFields, remove: ["name"] }, forAMinute);
    await Promise.all([...touches, update, ...times(25, () => records.touch("key", forAMinute))]);
    await assertFields(records, "key", new Map([...otherFields, ["city", "Rome"]]));
  }),
];

/** Whether the fields `a` and `b`, which writers always write together, are equal. */
async function sameInBoth(records: RecordStore): Promise<boolean> {
  const { fields } = await loaded(records, "key");
  const [a, b] = [toBytes(fields.get("a")), toBytes(fields.get("b"))];
  return String(a) === String(b);
}
