import assert from "node:assert/strict";
import type { RecordStore } from "../../../src/contracts/records.ts";
import { momentMs } from "../store-rules/store-rule.ts";
import {
  assertFields,
  assertGone,
  brief,
  forAMinute,
  moving,
  otherFields,
  type RecordContext,
  type RecordRule,
  removing,
  rule,
  setting,
  someFields,
} from "./record-rule.ts";

/** A way to have no record under "key". */
interface Ending {
  readonly name: string;
  readonly bringAbout: (context: RecordContext) => Promise<void>;
}

const wasMovedAway: Ending = {
  name: "was moved away",
  bringAbout: async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    assert.equal(await records.move(moving("key", "elsewhere")), true);
  },
};

const freeEndings: readonly Ending[] = [
  { name: "never was", bringAbout: async () => {} },
  {
    name: "has expired",
    bringAbout: async ({ records, subject }) => {
      await records.create("key", someFields, brief);
      await subject.pass(momentMs);
    },
  },
  {
    name: "was destroyed",
    bringAbout: async ({ records }) => {
      await records.create("key", someFields, forAMinute);
      await records.destroy("key");
    },
  },
];

const endings: readonly Ending[] = [...freeEndings, wasMovedAway];

/** Every write that needs an existing record. */
const writes: readonly (readonly [string, (records: RecordStore) => Promise<boolean>])[] = [
  ["an update that sets", (records) => records.update("key", setting({ a: "1" }), forAMinute)],
  ["an update that removes", (records) => records.update("key", removing("name"), forAMinute)],
  ["an update without a lifetime", (records) => records.update("key", setting({ a: "1" }))],
  ["touch", (records) => records.touch("key", forAMinute)],
  ["move", (records) => records.move(moving("key", "free", { change: setting({ a: "1" }) }))],
];

/** Records that have ended. */
export const endedRules: readonly RecordRule[] = [
  ...endings.flatMap(({ name, bringAbout }) => [
    rule(`a record that ${name} reads as undefined`, async (context) => {
      await bringAbout(context);
      await assertGone(context.records, "key");
    }),
    rule(`a record that ${name} is not destroyed`, async (context) => {
      await bringAbout(context);
      assert.equal((await context.records.destroy("key")).destroyed, false);
    }),
    rule(`put stores a record where one ${name}`, async (context) => {
      await bringAbout(context);
      await context.records.put("key", otherFields, forAMinute);
      await assertFields(context.records, "key", otherFields);
    }),
  ]),
  ...endings.flatMap(({ name, bringAbout }) =>
    writes.map(([verb, write]) =>
      rule(`${verb} of a record that ${name} is refused`, async (context) => {
        await bringAbout(context);
        assert.equal(await write(context.records), false);
        await assertGone(context.records, "key");
        await assertGone(context.records, "free");
      }),
    ),
  ),
  ...freeEndings.map(({ name, bringAbout }) =>
    rule(`create stores a record where one ${name}`, async (context) => {
      await bringAbout(context);
      assert.equal(await context.records.create("key", otherFields, forAMinute), true);
      await assertFields(context.records, "key", otherFields);
    }),
  ),
  ...freeEndings.map(({ name, bringAbout }) =>
    rule(`a record moves to where one ${name}`, async (context) => {
      await bringAbout(context);
      await context.records.create("from", otherFields, forAMinute);
      assert.equal(await context.records.move(moving("from", "key")), true);
      await assertFields(context.records, "key", otherFields);
    }),
  ),
  rule("a move that was refused leaves a taken key as it was", async ({ records }) => {
    await records.create("taken", someFields, forAMinute);
    assert.equal(await records.move(moving("nobody", "taken")), false);
    await assertFields(records, "taken", someFields);
  }),
  rule("a record whose destruction comes between is not brought back", async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    await Promise.all([
      records.update("key", setting({ a: "1" }), forAMinute),
      records.touch("key", forAMinute),
      records.destroy("key"),
      records.update("key", setting({ a: "2" }), forAMinute),
      records.update("key", setting({ a: "3" })),
      records.touch("key", forAMinute),
      records.move(moving("key", "free")),
    ]);
    await assertGone(records, "key");
  }),
];
