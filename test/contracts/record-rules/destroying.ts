import assert from "node:assert/strict";
import type { RecordCondition } from "../../../src/contracts/records.ts";
import type { Encoded } from "../../../src/contracts/serializer.ts";
import { minuteMs, times } from "../store-rules/store-rule.ts";
import {
  assertFields,
  assertGone,
  assertRemains,
  forAMinute,
  otherFields,
  type RecordRule,
  removing,
  rule,
  setting,
  someFields,
} from "./record-rule.ts";

const ann: RecordCondition = { field: "name", text: "Ann" };

interface Comparison {
  readonly value: Encoded;
  readonly text: string;
  readonly holds: boolean;
}

const cyrillic = new TextEncoder().encode("Аня 😀");

/** Values of a field, each with a condition on it and whether the value meets the condition. */
const comparisons: readonly Comparison[] = [
  { value: "Ann", text: "Ann", holds: true },
  { value: "Ann", text: "ann", holds: false },
  { value: "Ann", text: "Ann ", holds: false },
  { value: "Ann", text: "", holds: false },
  { value: "", text: "", holds: true },
  { value: new Uint8Array(), text: "", holds: true },
  { value: "7", text: "7.0", holds: false },
  { value: "Аня 😀", text: "Аня 😀", holds: true },
  { value: cyrillic, text: "Аня 😀", holds: true },
  { value: "a\u0000b", text: "a\u0000b", holds: true },
  { value: "\ufeffa", text: "a", holds: false },
  { value: Uint8Array.of(0xff), text: "\ufffd", holds: false },
];

/** What `destroy` promises for an existing record. */
export const destroyingRules: readonly RecordRule[] = [
  rule("destroy removes a record, and tells that it did", async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    const { destroyed, movedTo } = await records.destroy("key");
    assert.deepEqual({ destroyed, movedTo }, { destroyed: true, movedTo: undefined });
    await assertGone(records, "key");
  }),
  rule("a record is destroyed once", async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    await records.destroy("key");
    assert.equal((await records.destroy("key")).destroyed, false);
  }),
  rule("of 50 who destroy a record at once one did", async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    const answers = await Promise.all(times(50, () => records.destroy("key")));
    assert.equal(answers.filter(({ destroyed }) => destroyed).length, 1);
  }),
  rule("destroy of an absent record tells of no move", async ({ records }) => {
    assert.equal((await records.destroy("nobody")).movedTo, undefined);
  }),
  rule("destroy leaves other records", async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    await records.create("other", otherFields, forAMinute);
    await records.destroy("key");
    await assertFields(records, "other", otherFields);
  }),
  rule("a record without fields is destroyed", async ({ records }) => {
    await records.create("key", new Map(), forAMinute);
    assert.equal((await records.destroy("key")).destroyed, true);
  }),
  rule("a record created anew has nothing of the destroyed one", async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    await records.destroy("key");
    await records.create("key", otherFields, forAMinute);
    await assertFields(records, "key", otherFields);
  }),
  ...comparisons.map(({ value, text, holds }) =>
    rule(`a condition that ${show(value)} is ${show(text)} ${verdict(holds)}`, async (context) => {
      const { records } = context;
      await records.create("key", new Map([["name", value]]), forAMinute);
      assert.equal((await records.destroy("key", { field: "name", text })).destroyed, holds);
      assert.equal((await records.load("key")) === undefined, holds);
    }),
  ),
  rule("a condition that does not hold leaves the record and its lifetime", async (context) => {
    const { records } = context;
    await records.create("key", someFields, forAMinute);
    await records.destroy("key", { field: "name", text: "Bob" });
    await assertFields(records, "key", someFields);
    await assertRemains(records, "key", minuteMs);
  }),
  ...["", "undefined", "Ann"].map((text) =>
    rule(`a condition that an absent field is ${show(text)} does not hold`, async ({ records }) => {
      await records.create("key", new Map([["other", "Ann"]]), forAMinute);
      assert.equal((await records.destroy("key", { field: "name", text })).destroyed, false);
      await assertFields(records, "key", new Map([["other", "Ann"]]));
    }),
  ),
  rule("a condition is held to the field as it is by then", async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    await records.update("key", setting({ name: "Bob" }), forAMinute);
    assert.equal((await records.destroy("key", ann)).destroyed, false);
  }),
  rule("a condition on a field that was removed does not hold", async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    await records.update("key", removing("name"), forAMinute);
    assert.equal((await records.destroy("key", ann)).destroyed, false);
  }),
  rule("a condition does not hold where nothing lives", async ({ records }) => {
    assert.equal((await records.destroy("nobody", ann)).destroyed, false);
  }),
];

function show(value: Encoded): string {
  return typeof value === "string" ? JSON.stringify(value) : `bytes [${value.join(" ")}]`;
}

function verdict(holds: boolean): string {
  return holds ? "holds" : "does not hold";
}
