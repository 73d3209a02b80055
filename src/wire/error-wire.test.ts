import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as errors from "../contracts/errors.ts";
import { fromWire, toWire } from "./error-wire.ts";

const cause = new Error("socket hang up");

/** One of each class. */
const samples: readonly errors.CacheError[] = [
  new errors.ConfigurationError("location", "no such place", { cause }),
  new errors.UnknownCacheError("nope", ["default", "sessions"]),
  new errors.CacheMissError({ key: "key" }),
  new errors.NotAnIntegerError({ key: "key", cause }),
  new errors.CounterOverflowError({ key: "key" }),
  new errors.WrongTypeError().at("key"),
  new errors.EncodeError("$.save", "a function").at("key"),
  new errors.DecodeError("it is damaged"),
  new errors.ValueTooLargeError(10, 12),
  new errors.StoreUnavailableError("lost", { operation: "GET", maybeApplied: true, cause }),
  new errors.ServerRefusedError("OOM", { operation: "SET", cause }),
  new errors.CommandTimeoutError(500, { operation: "SET" }),
  new errors.OverloadedError("maxPending", 10),
  new errors.LockTimeoutError({ key: "key", waitMs: 5 }),
  new errors.LockLostError({ key: "key", cause: new errors.CacheMissError({ key: "other" }) }),
  new errors.FactoryTimeoutError({ key: "key", timeoutMs: 5 }),
  new errors.ClosedError("default"),
  new errors.SessionInterruptedError(),
];

/** What goes over a wire: a copy of the plain form. */
function sent(thrown: unknown): unknown {
  return fromWire(structuredClone(toWire(thrown)));
}

describe("the wire form of an error", () => {
  test("there is a sample of every class", () => {
    const abstract = new Set(["CacheError", "ValueError", "StoreFailure"]);
    const classes = Object.keys(errors).filter((name) => /^[A-Z]/.test(name));
    expect(new Set(samples.map(({ name }) => name))).toEqual(
      new Set(classes.filter((name) => !abstract.has(name))),
    );
  });

  test.each(samples.map((error) => [error.name, error] as const))("%s comes back", (_, error) => {
    const back = sent(error);
    expect(back).toBeInstanceOf(error.constructor);
    expect(back).toEqual(error);
    expect(Object.fromEntries(Object.entries(back as object))).toEqual(
      Object.fromEntries(Object.entries(error)),
    );
    expect(back).toMatchObject({ message: error.message, stack: error.stack });
  });

  test("the keys that failed come along", () => {
    const error = new errors.CommandTimeoutError(500, { operation: "MGET" });
    expect(sent(Object.assign(error, { keys: ["a", "b"] }))).toMatchObject({ keys: ["a", "b"] });
  });

  test("errors of JavaScript keep their class, others their name", () => {
    expect(sent(new TypeError("no"))).toBeInstanceOf(TypeError);
    const odd = Object.assign(new Error("odd"), { name: "OddError", code: "EODD", data: {} });
    expect(sent(odd)).toMatchObject({ name: "OddError", message: "odd", code: "EODD" });
    expect(sent(odd)).not.toHaveProperty("data");
    expect(sent(new DOMException("stop", "AbortError"))).toMatchObject({ name: "AbortError" });
  });

  test("a circle of causes ends", () => {
    const error = new Error("round");
    error.cause = error;
    expect(sent(error)).toMatchObject({ message: "round", cause: { message: "round" } });
  });

  test.each([[undefined], [null], ["text"], [5], [5n]])("%s, thrown, comes back", (thrown) => {
    expect(sent(thrown)).toBe(thrown);
  });

  test("whatever is thrown, and whatever caused it, can be sent", () => {
    const fields = fc.dictionary(fc.string(), fc.anything());
    const chain = fc.array(fc.tuple(fc.string(), fc.string(), fields), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(chain, fc.anything(), (links, origin) => {
        const thrown = links.reduce<unknown>((inner, [name, message, more]) => {
          const error = new Error(message, { cause: inner });
          return Object.assign(error, { name }, omit(more, ["message", "cause", "stack", "name"]));
        }, origin);
        const [outermost] = links.toReversed();
        expect(sent(thrown)).toMatchObject({ name: outermost?.[0], message: outermost?.[1] });
      }),
    );
  });
});

function omit(fields: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}
