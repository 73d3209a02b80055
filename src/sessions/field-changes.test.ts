import { describe, expect, test } from "vitest";
import { createCodec } from "../codec/codec.ts";
import type { Codec } from "../contracts/codec.ts";
import type { Encoded } from "../contracts/serializer.ts";
import { applyChanges, type FieldComparison, findChanges } from "./field-changes.ts";

const codec: Codec = createCodec();
const msgpack: Codec = createCodec({ serializer: "msgpack" });
const gzip: Codec = createCodec({ compressor: "gzip", compressMinBytes: 1 });

/** Returns these values as a codec stores them. */
async function storedBy(
  form: Codec,
  values: Readonly<Record<string, unknown>>,
): Promise<Map<string, Encoded>> {
  const stored = new Map<string, Encoded>();
  for (const [name, value] of Object.entries(values)) stored.set(name, await form.encode(value));
  return stored;
}

/** Returns the names that are set, and those removed, between two states of a session. */
async function changes(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  rest: Partial<FieldComparison> & { readonly form?: Codec } = {},
): Promise<{ readonly set: readonly string[]; readonly remove: readonly string[] }> {
  const { form = codec, ...comparison } = rest;
  const { set, remove } = await findChanges(codec, {
    base: await storedBy(form, before),
    now: new Map(Object.entries(after)),
    written: new Set(),
    suspects: Object.keys(after),
    ...comparison,
  });
  return { set: [...set.keys()], remove };
}

/** Writes no value twice in the same way, as a serializer that encrypts. */
let times = 0;
const salted: Codec = createCodec({
  serializer: {
    name: "salted",
    encode: (value) => Buffer.from(JSON.stringify([times++, value])),
    decode: (bytes) => (JSON.parse(Buffer.from(bytes).toString()) as unknown[])[1],
  },
});

describe("findChanges", () => {
  test("finds no change in what is no object, however its serializer writes it", async () => {
    const before = { text: "a", flag: true, nothing: null, fraction: 0.5 };
    const comparison = { base: await storedBy(salted, before), written: new Set<string>() };
    const now = new Map<string, unknown>(Object.entries(before));
    const same = await findChanges(salted, { ...comparison, now, suspects: now.keys() });
    expect([...same.set.keys()]).toEqual([]);
    now.set("text", "b");
    const other = await findChanges(salted, { ...comparison, now, suspects: now.keys() });
    expect([...other.set.keys()]).toEqual(["text"]);
  });

  test("finds what is new, changed and gone", async () => {
    expect(await changes({ a: 1, b: [1], c: 3 }, { a: 1, b: [2], d: 4 })).toEqual({
      set: ["b", "d"],
      remove: ["c"],
    });
  });

  test("takes what is written for changed, whatever it holds", async () => {
    const written = new Set(["a"]);
    expect(await changes({ a: 1, b: 2 }, { a: 1, b: 2 }, { written })).toEqual({
      set: ["a"],
      remove: [],
    });
  });

  test("does not look at what nobody can have changed", async () => {
    expect(await changes({ a: [1] }, { a: [2] }, { suspects: [] })).toEqual({
      set: [],
      remove: [],
    });
  });

  test("passes by what is written or suspected, and gone", async () => {
    const comparison = { written: new Set(["a", "b"]), suspects: ["a", "c"] };
    expect(await changes({ a: 1 }, {}, comparison)).toEqual({ set: [], remove: ["a"] });
  });

  test.each([
    ["another serializer", msgpack],
    ["another compressor", gzip],
  ])("what %s stored has not changed by that", async (_, form) => {
    const values = {
      list: [1, { two: "x".repeat(100) }],
      map: new Map([["a", 1]]),
      date: new Date(5),
    };
    expect(await changes(values, values, { form })).toEqual({ set: [], remove: [] });
    expect(await changes(values, { ...values, list: [1] }, { form })).toEqual({
      set: ["list"],
      remove: [],
    });
  });

  test("encodes a field once, though it is both written and suspected", async () => {
    const encoded: unknown[] = [];
    const noting: Codec = {
      encode: (value) => {
        encoded.push(value);
        return codec.encode(value);
      },
      decode: (stored) => codec.decode(stored),
    };
    const now = new Map([["a", [1]]]);
    await findChanges(noting, { base: new Map(), now, written: new Set(["a"]), suspects: ["a"] });
    expect(encoded).toEqual([[1]]);
  });
});

test("a field that fails at once leaves no stray rejection of one that fails later", async () => {
  const form: Codec = {
    encode: (value) => {
      if (value === "at once") throw new Error("at once");
      return Promise.reject(new Error("later"));
    },
    decode: (stored) => stored,
  };
  const now = new Map(Object.entries({ a: "later", b: "at once" }));
  const comparison = { base: new Map(), now, written: new Set<string>(), suspects: now.keys() };
  expect(() => findChanges(form, comparison)).toThrow("at once");
  await new Promise((resolve) => setImmediate(resolve)); // a stray one would fail the run
});

describe("applyChanges", () => {
  test("gives the fields as they are stored afterwards, and leaves those before", () => {
    const base = new Map([
      ["a", "1"],
      ["b", "2"],
    ]);
    const after = applyChanges(base, {
      set: new Map([
        ["b", "3"],
        ["c", "4"],
      ]),
      remove: ["a", "x"],
    });
    expect([...after]).toEqual([
      ["b", "3"],
      ["c", "4"],
    ]);
    expect(base.size).toBe(2);
  });
});
