import type { RecordFields, RecordStore } from "../../../src/contracts/records.ts";
import type { Encoded } from "../../../src/contracts/serializer.ts";
import { times } from "../store-rules/store-rule.ts";
import {
  assertFields,
  forAMinute,
  loaded,
  moving,
  noChange,
  otherFields,
  type RecordRule,
  rule,
  someFields,
} from "./record-rule.ts";

/** A method that writes fields into a record without fields. */
interface Writer {
  readonly verb: string;
  /** The key that has the fields afterwards. */
  readonly at: string;
  readonly write: (records: RecordStore, fields: RecordFields) => Promise<unknown>;
}

const writers: readonly Writer[] = [
  {
    verb: "create",
    at: "new",
    write: (records, fields) => records.create("new", fields, forAMinute),
  },
  { verb: "put", at: "key", write: (records, fields) => records.put("key", fields, forAMinute) },
  {
    verb: "update",
    at: "key",
    write: (records, set) => records.update("key", { set, remove: [] }, forAMinute),
  },
  {
    verb: "update without a lifetime",
    at: "key",
    write: (records, set) => records.update("key", { set, remove: [] }),
  },
  {
    verb: "move",
    at: "moved",
    write: (records, set) => records.move(moving("key", "moved", { change: { set, remove: [] } })),
  },
];

const hostileNames: readonly string[] = [
  "",
  " ",
  "имя 😀",
  "__proto__",
  "constructor",
  "toString",
  "err",
  "ok",
  "born",
  "a#b",
  "0",
  "1",
  "01",
  "-1",
  "1e3",
  "a:b",
  "a*b[c]?",
  "\ufeffmark",
  "line\r\nbreak",
  "zero\u0000byte",
  "x".repeat(10_000),
];

const values: readonly (readonly [string, Encoded])[] = [
  ["an empty text", ""],
  ["no bytes", new Uint8Array()],
  ["plain text", "text"],
  ["text of many scripts", "дом 家 😀 \ufeff \u0000 \r\n"],
  ["digits", "007"],
  ["a large number", "1e400"],
  ["every byte", Uint8Array.from(times(256, (byte) => byte))],
  ["bytes that are no UTF-8", Uint8Array.of(0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80)],
  ["a part of a buffer", new Uint8Array(Uint8Array.of(1, 2, 3, 4).buffer, 1, 2)],
  ["1 MB of bytes", Uint8Array.from({ length: 1_000_000 }, (_, index) => (index * 31) % 251)],
  ["1 MB of text", "ü".repeat(500_000)],
];

const manyFields: RecordFields = new Map(
  times(2_000, (index) => [`field ${index}`, index % 2 ? `${index}` : Uint8Array.of(index % 251)]),
);

/** Names and values of fields, and that the store keeps its own copy of them. */
export const fieldRules: readonly RecordRule[] = [
  ...writers.flatMap(({ verb, at, write }) =>
    values.map(([what, value]) =>
      rule(`${verb} keeps ${what}`, async ({ records }) => {
        await records.create("key", new Map(), forAMinute);
        await write(records, new Map([["field", value]]));
        await assertFields(records, at, new Map([["field", value]]));
      }),
    ),
  ),
  ...writers.flatMap(({ verb, at, write }) => [
    rule(`${verb} keeps fields of any names`, async ({ records }) => {
      const fields = new Map(hostileNames.map((name) => [name, `value of ${name}`]));
      await records.create("key", new Map(), forAMinute);
      await write(records, fields);
      await assertFields(records, at, fields);
    }),
    rule(`${verb} keeps 2,000 fields`, async ({ records }) => {
      await records.create("key", new Map(), forAMinute);
      await write(records, manyFields);
      await assertFields(records, at, manyFields);
    }),
    rule(`what a caller does to its bytes after ${verb} is not seen`, async ({ records }) => {
      const bytes = Uint8Array.of(1, 2);
      await records.create("key", new Map(), forAMinute);
      await write(records, new Map([["field", bytes]]));
      bytes.fill(9);
      await assertFields(records, at, new Map([["field", Uint8Array.of(1, 2)]]));
    }),
    rule(`what a caller does to its fields after ${verb} is not seen`, async ({ records }) => {
      const fields = new Map(otherFields);
      await records.create("key", new Map(), forAMinute);
      await write(records, fields);
      fields.set("fruit", "plum").set("more", "x");
      await assertFields(records, at, otherFields);
    }),
  ]),
  ...hostileNames.map((name) =>
    rule(`a field named ${show(name)} is removed alone`, async ({ records }) => {
      const all = new Map(hostileNames.map((each) => [each, "x"]));
      await records.create("key", all, forAMinute);
      await records.update("key", { set: new Map(), remove: [name] }, forAMinute);
      all.delete(name);
      await assertFields(records, "key", all);
    }),
  ),
  rule("2,000 fields are removed at once", async ({ records }) => {
    await records.create("key", new Map([...manyFields, ...someFields]), forAMinute);
    const remove = [...manyFields.keys()];
    await records.update("key", { ...noChange, remove }, forAMinute);
    await assertFields(records, "key", someFields);
    await records.update("key", { set: manyFields, remove: [] });
    await records.update("key", { ...noChange, remove });
    await assertFields(records, "key", someFields);
  }),
  rule("bytes replace text, and text bytes", async ({ records }) => {
    const [texts, bytes] = [new Map([["field", "text"]]), new Map([["field", Uint8Array.of(0)]])];
    await records.create("key", texts, forAMinute);
    await records.update("key", { set: bytes, remove: [] }, forAMinute);
    await assertFields(records, "key", bytes);
    await records.update("key", { set: texts, remove: [] }, forAMinute);
    await assertFields(records, "key", texts);
  }),
  rule("what a caller does to bytes it read is not seen", async ({ records }) => {
    await records.create("key", new Map([["field", Uint8Array.of(1, 2)]]), forAMinute);
    const value = (await loaded(records, "key")).fields.get("field");
    if (value instanceof Uint8Array) value.fill(9);
    await assertFields(records, "key", new Map([["field", Uint8Array.of(1, 2)]]));
  }),
  rule("what a caller does to fields it read is not seen", async ({ records }) => {
    await records.create("key", someFields, forAMinute);
    const { fields } = await loaded(records, "key");
    if (fields instanceof Map) fields.clear();
    await assertFields(records, "key", someFields);
  }),
];

function show(name: string): string {
  return name.length > 20
    ? `${name.slice(0, 5)}… (${name.length} characters)`
    : JSON.stringify(name);
}
