import { describe, expect, test } from "vitest";
import { EncodeError } from "../contracts/errors.ts";
import { createCodec } from "./codec.ts";

class User {
  readonly name = "Ada";
}

class TaggedDate extends Date {}

class AppError extends Error {}

class TypeErrorOfMine extends TypeError {}

function loopOf(close: (inner: unknown) => unknown): unknown {
  const outer: { a: { b: unknown } } = { a: { b: null } };
  outer.a.b = close(outer);
  return outer;
}

function nested(levels: number, wrap: (inner: unknown) => unknown, core: unknown): unknown {
  return levels === 0 ? core : wrap(nested(levels - 1, wrap, core));
}

const throwing = {
  get hidden(): unknown {
    throw new Error("no");
  },
};

/** Each row: what it is, the value, where the trouble is, and what the message calls it. */
const rows: readonly (readonly [string, unknown, string, RegExp])[] = [
  ["a function", () => 1, "$", /a function/],
  ["a symbol", Symbol("secret"), "$", /a symbol/],
  ["a method", { user: { save: () => 1 } }, "$.user.save", /a function/],
  ["a class", { User }, "$.User", /a function/],
  ["a symbol in an array", [1, [Symbol.iterator]], "$[1][0]", /a symbol/],
  ["a symbol for a name", { a: { [Symbol("secret")]: 1 } }, "$.a", /symbol for a name/],
  ["an instance", { users: [new User()] }, "$.users[0]", /an instance of User/],
  [
    "an instance of a class without a name",
    new (class {
      a = 1;
    })(),
    "$",
    /a class without a name/,
  ],
  ["an instance made without its class", Object.create({ a: 1 }), "$", /an instance of/],
  ["a subclass of Date", new TaggedDate(), "$", /an instance of TaggedDate/],
  ["a subclass of Map", new (class Register extends Map {})(), "$", /an instance of Register/],
  ["a subclass of Array", [new (class List extends Array {})()], "$[0]", /an instance of List/],
  ["a subclass of Buffer's class", new (class Bytes extends Uint8Array {})(1), "$", /of Bytes/],
  ["an error of one's own class", { e: new AppError("x") }, "$.e", /an instance of AppError/],
  ["an error of a class below TypeError", new TypeErrorOfMine("x"), "$", /of TypeErrorOfMine/],
  ["a boxed number", Object(1), "$", /an instance of Number/],
  ["a boxed string", [Object("secret")], "$[0]", /an instance of String/],
  ["a URL", { url: new URL("https://secret.example/") }, "$.url", /an instance of URL/],
  ["a promise", { later: Promise.resolve(1) }, "$.later", /an instance of Promise/],
  ["a WeakMap", new WeakMap(), "$", /an instance of WeakMap/],
  ["a WeakSet", new WeakSet(), "$", /an instance of WeakSet/],
  ["a WeakRef", new WeakRef({}), "$", /an instance of WeakRef/],
  ["a generator", { g: (function* g() {})() }, "$.g", /an instance of/],
  ["an iterator of a Map", new Map().entries(), "$", /an instance of/],
  ["a SharedArrayBuffer", new SharedArrayBuffer(1), "$", /an instance of SharedArrayBuffer/],
  ["what only looks like a Date", Object.create(Date.prototype), "$", /an instance of Date/],
  ["a proxy of a Map", new Proxy(new Map(), {}), "$", /an instance of Map/],
  ["a Map with a function", { m: new Map([["a", () => 1]]) }, "$.m[0]", /a function/],
  ["a Map with a function for a key", new Map([[1, 1], [() => 1, 1] as never]), "$[1]", /function/],
  ["a Set with a symbol", { s: new Set([1, Symbol("secret")]) }, "$.s[1]", /a symbol/],
  ["a Map with a property", Object.assign(new Map(), { a: 1 }), "$", /a Map with properties/],
  ["a Date with a property", [Object.assign(new Date(), { a: 1 })], "$[0]", /a Date with prop/],
  [
    "an error with a function",
    Object.assign(new Error("x"), { retry() {} }),
    "$.retry",
    /function/,
  ],
  [
    "an error with a cause",
    new Error("x", { cause: new User() }),
    "$.cause",
    /an instance of User/,
  ],
  ["an errors list", new AggregateError([() => 1]), "$.errors[0]", /a function/],
  ["a hole's neighbour", Object.assign([], { 3: () => 1 }), "$[3]", /a function/],
  ["a name with a space", { "a b": { ü: () => 1 } }, '$["a b"].ü', /a function/],
  [
    "a very long name",
    { ["n".repeat(500)]: () => 1 },
    `$.${"n".repeat(60)}…`.replace(".", '["').concat('"]'),
    /function/,
  ],
  ["a cycle", loopOf((outer) => outer), "$.a.b", /a cycle/],
  ["a cycle through an array", loopOf((outer) => [outer]), "$.a.b[0]", /a cycle/],
  ["a cycle through a Map", loopOf((outer) => new Map([["k", outer]])), "$.a.b[0]", /a cycle/],
  ["a cycle through a Set", loopOf((outer) => new Set([outer])), "$.a.b[0]", /a cycle/],
  [
    "a cycle through a cause",
    loopOf((outer) => new Error("x", { cause: outer })),
    "$.a.b.cause",
    /a cycle/,
  ],
  ["what cannot be looked at", { a: [throwing] }, "$.a[0].hidden", /unreadable/],
  ["a proxy that was taken back", { a: revoked() }, "$.a", /unreadable/],
  ["bytes that were given away", { a: transferred() }, "$", /MessagePack/],
];

describe.each(["auto", "msgpack"] as const)("%s", (serializer) => {
  const codec = createCodec({ serializer });

  test.each(rows)("refuses %s and says where it is", (_, value, path, reason) => {
    const error = failureOf(() => codec.encode(value));
    expect(error).toBeInstanceOf(EncodeError);
    expect(error).toMatchObject({ path, message: expect.stringMatching(reason) });
  });

  test.each(rows)("refuses %s without quoting it", (_, value) => {
    const error = failureOf(() => codec.encode(value));
    expect(String(error)).not.toMatch(/secret[^\]]|Ada/);
  });

  const wrappers: readonly (readonly [string, (inner: unknown) => unknown])[] = [
    ["arrays", (inner) => [inner]],
    ["objects", (inner) => ({ inner })],
    [
      "tagged objects",
      (inner) => JSON.parse('{"__proto__":1}', (k, v) => (k === "" ? { ...v, inner } : v)),
    ],
    ["Maps", (inner) => new Map([["inner", inner]])],
    ["Sets", (inner) => new Set([inner])],
    ["Errors", (inner) => Object.assign(new Error("x", { cause: inner }), { stack: "x" })],
    ["arrays with holes", (inner) => Object.assign([], { 1: inner })],
  ];

  test.each(wrappers)("stores 500 levels of %s", async (_, wrap) => {
    const value = nested(500, wrap, new Date(1));
    const back = await codec.decode(await codec.encode(value));
    expect(await codec.encode(back)).toStrictEqual(await codec.encode(value));
  });

  test.each(wrappers)("refuses 501 levels of %s", (_, wrap) => {
    const error = failureOf(() => codec.encode(nested(501, wrap, 1)));
    expect(error).toMatchObject({ code: "ENCODE", message: expect.stringMatching(/500 levels/) });
  });

  test("keeps a path short however deep it goes", () => {
    const error = failureOf(() =>
      codec.encode(
        nested(
          100_000 / 200,
          (inner) => ({ inner }),
          () => 1,
        ),
      ),
    );
    expect(String(error).length).toBeLessThan(400);
  });

  test("stores a value that is in two places twice", async () => {
    const shared = { at: new Date(1) };
    const back = await codec.decode(await codec.encode([shared, shared]));
    expect(back).toStrictEqual([shared, shared]);
  });
});

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function transferred(): unknown {
  const bytes = new Uint8Array(8);
  structuredClone(bytes, { transfer: [bytes.buffer] });
  return bytes;
}

function failureOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
