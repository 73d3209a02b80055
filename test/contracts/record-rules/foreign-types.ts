import assert from "node:assert/strict";
import { WrongTypeError } from "../../../src/contracts/errors.ts";
import type { RecordStore } from "../../../src/contracts/records.ts";
import {
  assertFields,
  forAMinute,
  moving,
  noChange,
  otherFields,
  type RecordRule,
  removing,
  rule,
  setting,
  someFields,
} from "./record-rule.ts";

const name = { field: "name", text: "Ann" };
const isOver = { ttlMs: 0 };

/** Every call on a key, with each kind of argument. */
const calls: readonly (readonly [string, (records: RecordStore) => Promise<unknown>])[] = [
  ["load", (records) => records.load("key")],
  ["create", (records) => records.create("key", someFields, forAMinute)],
  ["create of no fields", (records) => records.create("key", new Map(), forAMinute)],
  ["create with a lifetime that is over", (records) => records.create("key", someFields, isOver)],
  ["an update that sets", (records) => records.update("key", setting({ a: "1" }), forAMinute)],
  ["an update that removes", (records) => records.update("key", removing("a"), forAMinute)],
  ["an update of nothing", (records) => records.update("key", noChange, forAMinute)],
  ["an update with a lifetime that is over", (records) => records.update("key", noChange, isOver)],
  ["an update of a field alone", (records) => records.update("key", setting({ a: "1" }))],
  ["a removal of a field alone", (records) => records.update("key", removing("a"))],
  ["an update of nothing at all", (records) => records.update("key", noChange)],
  ["put", (records) => records.put("key", someFields, forAMinute)],
  ["put with a lifetime that is over", (records) => records.put("key", someFields, isOver)],
  ["touch", (records) => records.touch("key", forAMinute)],
  ["touch with a lifetime that is over", (records) => records.touch("key", isOver)],
  ["move", (records) => records.move(moving("key", "free"))],
  ["destroy", (records) => records.destroy("key")],
  ["destroy on a condition", (records) => records.destroy("key", name)],
];

/** Keys that hold another type. Skipped if the backend has no other type. */
export const foreignTypeRules: readonly RecordRule[] = [
  ...calls.map(([call, run]) =>
    rule(`over another type, ${call} rejects, and leaves it`, async ({ records, subject }) => {
      await subject.plantForeignType?.("key");
      await assert.rejects(run(records), WrongTypeError);
      await assert.rejects(records.load("key"), WrongTypeError);
      assert.equal(await records.load("free"), undefined);
    }),
  ),
  rule("over another type, a move to it is refused", async ({ records, subject }) => {
    await subject.plantForeignType?.("key");
    await records.create("from", otherFields, forAMinute);
    assert.equal(await records.move(moving("from", "key")), false);
    await assertFields(records, "from", otherFields);
    await assert.rejects(records.load("key"), WrongTypeError);
  }),
];
