import assert from "node:assert/strict";
import type { RecordFields } from "../../../src/contracts/records.ts";
import { minuteMs, times } from "../store-rules/store-rule.ts";
import {
  assertFields,
  assertGone,
  assertRemains,
  forAMinute,
  forAnHour,
  loaded,
  moving,
  otherFields,
  type RecordRule,
  rule,
  setting,
  someFields,
} from "./record-rule.ts";

/** What `create` and `put` promise. */
export const creatingRules: readonly RecordRule[] = [
  rule("create stores a record where nothing lives", async ({ records }) => {
    assert.equal(await records.create("key", someFields, forAMinute), true);
    await assertFields(records, "key", someFields);
  }),
  rule("a record may have no fields", async ({ records }) => {
    assert.equal(await records.create("key", new Map(), forAMinute), true);
    await assertFields(records, "key", new Map());
  }),
  rule("create refuses where a record lives", async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    assert.equal(await records.create("key", otherFields, forAnHour), false);
  }),
  rule("create refuses where a record without fields lives", async ({ records }) => {
    await records.create("key", new Map(), forAMinute);
    assert.equal(await records.create("key", otherFields, forAMinute), false);
  }),
  rule("a refused create leaves the record and its lifetime", async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    await records.create("key", otherFields, forAnHour);
    await assertFields(records, "key", someFields);
    await assertRemains(records, "key", minuteMs);
  }),
  rule("a refused create with a lifetime that is over removes nothing", async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    assert.equal(await records.create("key", otherFields, { ttlMs: 0 }), false);
    await assertFields(records, "key", someFields);
  }),
  rule("create refuses where a moved record left its trace", async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    await records.move(moving("key", "elsewhere"));
    assert.equal(await records.create("key", otherFields, forAMinute), false);
    await assertGone(records, "key");
  }),
  rule("of 50 who create a record at once one wins", async ({ records }) => {
    const created = await Promise.all(
      times(50, (index) => records.create("key", new Map([["by", `${index}`]]), forAMinute)),
    );
    assert.equal(created.filter(Boolean).length, 1);
    await assertFields(records, "key", new Map([["by", `${created.indexOf(true)}`]]));
  }),
  rule("records of different keys are apart", async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    await records.create("Key", otherFields, forAnHour);
    await records.update("Key", setting({ name: "Bob" }), forAnHour);
    await records.destroy("Key");
    await assertFields(records, "key", someFields);
    await assertRemains(records, "key", minuteMs);
  }),
  rule("keys may be any text", async ({ records }) => {
    const [key, other] = ["дверь *[a]\\ 😀\u0000 {x}", "\r\n ключ 😀\ufeff"];
    assert.equal(await records.create(key, someFields, forAMinute), true);
    assert.equal(await records.update(key, setting({ name: "Bob" }), forAMinute), true);
    assert.equal(await records.touch(key, forAMinute), true);
    assert.equal(await records.move(moving(key, other)), true);
    assert.equal((await records.destroy(key)).movedTo, other);
    assert.equal((await records.destroy(other)).destroyed, true);
  }),
  rule("put stores a record where nothing lives", async ({ records }) => {
    await records.put("key", someFields, forAMinute);
    await assertFields(records, "key", someFields);
    await assertRemains(records, "key", minuteMs);
  }),
  rule("put replaces all fields", async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    await records.put("key", otherFields, forAMinute);
    await assertFields(records, "key", otherFields);
  }),
  rule("put can take all fields away", async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    await records.put("key", new Map(), forAMinute);
    await assertFields(records, "key", new Map());
  }),
  rule("put brings a key to life where a moved record left its trace", async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    await records.move(moving("key", "elsewhere"));
    await records.put("key", otherFields, forAMinute);
    await assertFields(records, "key", otherFields);
    await assertFields(records, "elsewhere", someFields);
  }),
  rule("a record put over the trace of a move can be destroyed", async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    await records.move(moving("key", "elsewhere"));
    await records.put("key", otherFields, forAMinute);
    const { destroyed, movedTo } = await records.destroy("key");
    assert.deepEqual({ destroyed, movedTo }, { destroyed: true, movedTo: undefined });
    await assertFields(records, "elsewhere", someFields);
  }),
  rule("of 50 who put a record at once one is kept whole", async ({ records }) => {
    await Promise.all(times(50, (index) => records.put("key", markedBy(`${index}`), forAMinute)));
    const names = [...(await loaded(records, "key")).fields.keys()];
    const mark = names.find((name) => name !== "by");
    await assertFields(records, "key", markedBy(String(mark)));
  }),
  rule("who reads while others put never finds the record missing", async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    const writes = times(50, () => records.put("key", someFields, forAMinute));
    const reads = await Promise.all(times(50, () => records.load("key")));
    await Promise.all(writes);
    assert.equal(reads.filter((read) => read?.fields.size !== someFields.size).length, 0);
  }),
];

/** Two fields that both name the writer. */
function markedBy(writer: string): RecordFields {
  return new Map([
    ["by", writer],
    [writer, "x"],
  ]);
}
