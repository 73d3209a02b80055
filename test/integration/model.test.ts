import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { inspect } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, describe, test } from "vitest";
import { type Cache, createCache } from "../../src/index.ts";
import { type Clock, systemClock } from "../../src/kit/clock.ts";
import { ManualClock } from "../../src/testing/manual-clock.ts";
import { freshDatabase, freshPrefix, sharedUrl } from "../support/fresh.ts";
import { nearStats, untilTracking } from "../support/near.ts";
import { Model, type View } from "./cache-model.ts";

/** The methods that model and cache share. */
type Verb = Exclude<keyof Model, "view"> & keyof Cache;

/** Stands for a moment so many milliseconds from when the step is taken. */
class FromNow {
  readonly ms: number;

  constructor(ms: number) {
    this.ms = ms;
  }
}

interface Real {
  readonly cache: Cache;
  readonly clock: Clock;
  /** How far the remaining lifetimes of model and cache may lie apart. */
  readonly slackMs: number;
  readonly pass: (ms: number) => Promise<void>;
}

/** One call, on the model and on the cache, which must answer alike. */
class Step implements fc.AsyncCommand<Model, Real> {
  readonly #view: View;
  readonly #verb: Verb;
  readonly #args: readonly unknown[];

  constructor(view: View, verb: Verb, args: readonly unknown[]) {
    this.#view = view;
    this.#verb = verb;
    this.#args = args;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, { cache, clock, slackMs }: Real): Promise<void> {
    const nowMs = Math.floor(clock.now());
    const args = this.#args.map((arg) => (arg instanceof FromNow ? new Date(nowMs + arg.ms) : arg));
    const modelView = model.view(this.#view);
    const cacheView = viewOf(cache, this.#view);
    const expected = await outcomeOf(async () => call(modelView, this.#verb, args));
    const actual = await outcomeOf(async () => call(cacheView, this.#verb, args));
    if (this.#verb === "pttl") assertNear(actual, expected, slackMs);
    else if (this.#verb === "ttl") assertNear(actual, expected, slackMs / 1_000);
    else assert.deepEqual(actual, expected);
  }

  toString(): string {
    const { namespace, version } = this.#view;
    const args = this.#args.map((arg) => inspect(arg, { breakLength: Infinity })).join(", ");
    return `${namespace}@${version}.${this.#verb}(${args})`;
  }
}

/** Lets time pass. */
class Pass implements fc.AsyncCommand<Model, Real> {
  readonly #ms: number;

  constructor(ms: number) {
    this.#ms = ms;
  }

  check(): boolean {
    return true;
  }

  async run(_model: Model, { pass }: Real): Promise<void> {
    await pass(this.#ms);
  }

  toString(): string {
    return `pass(${this.#ms} ms)`;
  }
}

/** Ends a key's life in a moment, and lets the moment pass: expiry, also where time cannot be turned. */
class Lapse implements fc.AsyncCommand<Model, Real> {
  readonly #view: View;
  readonly #key: string;

  constructor(view: View, key: string) {
    this.#view = view;
    this.#key = key;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, { cache, pass }: Real): Promise<void> {
    const expected = model.view(this.#view).pexpire(this.#key, 1);
    assert.equal(await viewOf(cache, this.#view).pexpire(this.#key, 1), expected);
    await pass(3);
  }

  toString(): string {
    return `${this.#view.namespace}@${this.#view.version}.lapse(${inspect(this.#key)})`;
  }
}

function viewOf(cache: Cache, { namespace, version }: View): Cache {
  const view = namespace ? cache.namespace(namespace) : cache;
  return view.withVersion(version);
}

function call(target: object, verb: Verb, args: readonly unknown[]): unknown {
  const method: unknown = Reflect.get(target, verb);
  assert.ok(typeof method === "function", `there is no ${verb}`);
  return Reflect.apply(method, target, args);
}

/** What a call gives, or the name of what it throws; keys, which come in no order, as a set. */
async function outcomeOf(task: () => Promise<unknown>): Promise<unknown> {
  try {
    const answer = await task();
    if (answer instanceof Map) return { pairs: [...answer] };
    return { answer: Array.isArray(answer) ? new Set(answer) : answer };
  } catch (error) {
    return { thrown: error instanceof Error ? error.name : error };
  }
}

function assertNear(actual: unknown, expected: unknown, slack: number): void {
  const [one, other] = [actual, expected].map((outcome) => {
    return (outcome as { readonly answer?: number | null }).answer;
  });
  if (typeof one !== "number" || typeof other !== "number" || other === 0) {
    assert.deepEqual(actual, expected);
    return;
  }
  assert.ok(one > 0 && Math.abs(one - other) <= Math.ceil(slack), `${one} remain, not ${other}`);
}

/** What the steps of a run are made of. */
interface Choices {
  /** Lifetimes in seconds. */
  readonly ttls: readonly (number | null)[];
  /** The steps that let time pass, beside {@link Lapse}. */
  readonly passes: readonly number[];
}

const keys = fc.constantFrom("a", "a", "a", "b", "n:a", "n:a", "*", "1:a");
const patterns = fc.constantFrom("*", "a", "[ab]", "?", "n:*", "\\*", "[^a]*", "*:*");
const values = fc.constantFrom<unknown>(
  0,
  1,
  -7,
  1.5,
  Number.MAX_SAFE_INTEGER,
  2n ** 53n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  2n ** 70n,
  5n,
  "5",
  "text",
  "",
  null,
  true,
  { list: [1, null] },
  new Date(5),
);
const deltas = fc.constantFrom<number | bigint>(1, 0, -3, 10n, Number.MAX_SAFE_INTEGER, 2n ** 62n);
const steps = fc.integer({ min: -2, max: 2 });
const flag = fc.constantFrom(true, false);
const views: fc.Arbitrary<View> = fc.record({
  namespace: fc.constantFrom("", "", "n"),
  version: fc.constantFrom(1, 1, 2),
});

function commandsOf({ ttls, passes }: Choices): fc.Arbitrary<fc.AsyncCommand<Model, Real>>[] {
  const ttl = fc.constantFrom(...ttls);
  const many = fc.array(keys, { maxLength: 4 });
  const entries = fc.dictionary(keys, values, { maxKeys: 3, noNullPrototype: true });
  const timed = fc.record({ ttl }, { requiredKeys: [] });
  // Every other write is told nothing: one that refuses leaves little to look at.
  const setOptions = fc.record({ ttl, nx: flag, xx: flag, keepTtl: flag }, { requiredKeys: [] });
  const incrOptions = fc.record(
    { ttl, ifMissing: fc.constantFrom("create" as const, "throw" as const) },
    { requiredKeys: [] },
  );
  const argumentsOf: Readonly<Record<Verb, fc.Arbitrary<readonly unknown[]>>> = {
    get: fc.oneof(fc.tuple(keys), fc.tuple(keys, fc.record({ default: values }))),
    getOrThrow: fc.tuple(keys),
    getMany: fc.tuple(many),
    has: fc.tuple(keys),
    set: fc.tuple(keys, values, fc.oneof(timed, setOptions)),
    add: fc.tuple(keys, values, timed),
    setMany: fc.tuple(entries, timed),
    delete: fc.tuple(keys),
    deleteMany: fc.tuple(many),
    take: fc.tuple(keys),
    incr: fc.tuple(keys, deltas, incrOptions),
    decr: fc.tuple(keys, deltas, incrOptions),
    touch: fc.oneof(fc.tuple(keys), fc.tuple(keys, ttl)),
    expire: fc.tuple(keys, ttl),
    pexpire: fc.tuple(keys, fc.constantFrom(60_000, 90_001, 0, -1)),
    expireAt: fc.tuple(
      keys,
      fc.constantFrom(60_000, 90_000, -60_000).map((ms) => new FromNow(ms)),
    ),
    persist: fc.tuple(keys),
    ttl: fc.tuple(keys),
    pttl: fc.tuple(keys),
    incrVersion: fc.tuple(keys, steps),
    decrVersion: fc.tuple(keys, steps),
    keys: fc.tuple(patterns),
    deletePattern: fc.tuple(patterns),
    clear: fc.constant([]),
    getOrSet: fc.tuple(keys, values, timed),
    getOrSetMany: fc.tuple(many, fc.constant(loadMany)),
  };
  return [
    ...(Object.keys(argumentsOf) as Verb[]).map((verb) =>
      fc.tuple(views, argumentsOf[verb]).map(([view, args]) => new Step(view, verb, args)),
    ),
    ...Array.from({ length: 6 }, () =>
      fc.tuple(views, argumentsOf.set).map(([view, args]) => new Step(view, "set", args)),
    ),
    fc.tuple(views, keys).map(([view, key]) => new Lapse(view, key)),
    ...(passes.length > 0 ? [fc.constantFrom(...passes).map((ms) => new Pass(ms))] : []),
  ];
}

/** A loader that has nothing for one key. */
function loadMany(missing: readonly string[]): [string, unknown][] {
  return missing.filter((key) => key !== "b").map((key) => [key, `made ${key}`]);
}

/** Runs sequences of calls, each against a fresh cache. Returns how many calls were made. */
async function checkRuns(
  choices: Choices,
  open: () => Real,
  limits: fc.Parameters<unknown>,
): Promise<number> {
  let calls = 0;
  const sequences = fc.commands(commandsOf(choices), { maxCommands: 60, size: "max" });
  const alike = fc.asyncProperty(sequences, async (commands) => {
    const real = open();
    const model = new Model({ entries: new Map(), clock: real.clock });
    await fc.asyncModelRun(() => ({ model, real }), commands);
    calls += [...commands].length;
    await real.cache.close();
  });
  await fc.assert(alike, { includeErrorInReport: true, ...limits });
  return calls;
}

describe("a cache answers as its model does", () => {
  test("in memory, with a clock turned by hand", async () => {
    const open = (): Real => {
      const clock = new ManualClock();
      const pass = async (ms: number): Promise<void> => clock.advance(ms);
      return { cache: createCache({ clock }), clock, slackMs: 0, pass };
    };
    const ttls = [0.05, 1, 60, 90.5, null, 0, -1];
    const passes = [1, 49, 50, 999, 30_000, 61_000, 300_000];
    const calls = await checkRuns({ ttls, passes }, open, { numRuns: 400 });
    assert.ok(calls > 5_000, `only ${calls} calls`);
  });

  describe("in Redis", () => {
    let location = "";
    let first: Cache;

    beforeAll(async () => {
      location = sharedUrl(await freshDatabase());
      first = createCache({ location }); // keeps the shared connection open
      await first.ping();
    });

    afterAll(async () => {
      await first.close();
    });

    test("with a near cache", async () => {
      const near = createCache({ location, keyPrefix: freshPrefix(), nearCache: true });
      await untilTracking(near);
      const pass = async (ms: number): Promise<void> => {
        await wait(ms);
      };
      const open = (): Real => {
        const cache = near.namespace(freshPrefix());
        return { cache, clock: systemClock, slackMs: 5_000, pass };
      };
      const { hits } = nearStats(near);
      const ttls = [60, 90.5, null, 0, -1];
      const calls = await checkRuns({ ttls, passes: [] }, open, { numRuns: 200 });
      assert.ok(calls > 2_000, `only ${calls} calls`);
      assert.ok(nearStats(near).hits > hits, "nothing came from near");
      await near.close();
    });

    test("in real time", async () => {
      const pass = async (ms: number): Promise<void> => {
        await wait(ms);
      };
      const open = (): Real => {
        const cache = createCache({ location, keyPrefix: freshPrefix() });
        return { cache, clock: systemClock, slackMs: 5_000, pass };
      };
      const ttls = [60, 90.5, null, 0, -1];
      const calls = await checkRuns({ ttls, passes: [] }, open, { numRuns: 200 });
      assert.ok(calls > 2_000, `only ${calls} calls`);
    });
  });
});
