import assert from "node:assert/strict";
import { inspect } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, describe, test } from "vitest";
import type {
  RecordChange,
  RecordFields,
  RecordLifetime,
  RecordStore,
} from "../../src/contracts/records.ts";
import type { Encoded } from "../../src/contracts/serializer.ts";
import { MemoryRecords } from "../../src/drivers/memory/memory-records.ts";
import { flushCommand } from "../../src/drivers/redis/commands/key-commands.ts";
import { parseRedisLocation } from "../../src/drivers/redis/location/location.ts";
import { RedisRecords } from "../../src/drivers/redis/stores/redis-records.ts";
import { type SharedServer, shareServer } from "../../src/drivers/redis/topology/shared-servers.ts";
import { systemClock } from "../../src/kit/clock.ts";
import { toBytes } from "../contracts/store-rules/store-rule.ts";
import { freshDatabase, sharedUrl } from "../support/fresh.ts";

/** Two places for records that must answer alike. */
interface Places {
  readonly memory: RecordStore;
  readonly redis: RecordStore;
}

type Verb = "create" | "update" | "put" | "touch" | "move" | "destroy";

/** How often each verb did what it was asked for: a run of refusals alone would prove little. */
type Tally = Map<Verb, number>;

/** How far the remaining lifetimes of two records may lie apart, which were written one after the other. */
const slackMs = 10_000;

const keys = ["a", "b", "c", "d"];
const names = ["x", "y", "z"];

/** One call, on both, which must answer alike and leave the same behind. */
class Step implements fc.AsyncCommand<Tally, Places> {
  readonly #verb: Verb;
  readonly #args: readonly unknown[];

  constructor(verb: Verb, args: readonly unknown[]) {
    this.#verb = verb;
    this.#args = args;
  }

  check(): boolean {
    return true;
  }

  async run(tally: Tally, { memory, redis }: Places): Promise<void> {
    const [expected, actual] = await Promise.all([this.#call(memory), this.#call(redis)]);
    assert.deepEqual(actual, expected);
    if (isDone(actual)) tally.set(this.#verb, (tally.get(this.#verb) ?? 0) + 1);
    await Promise.all(keys.map((key) => assertSameRecord(key, { memory, redis })));
  }

  toString(): string {
    const args = this.#args.map((arg) => inspect(arg, { breakLength: Infinity })).join(", ");
    return `${this.#verb}(${args})`;
  }

  async #call(records: RecordStore): Promise<unknown> {
    return Reflect.apply(records[this.#verb], records, this.#args);
  }
}

function isDone(answer: unknown): boolean {
  if (typeof answer === "object" && answer !== null && "destroyed" in answer) {
    return answer.destroyed === true;
  }
  return answer !== false;
}

async function assertSameRecord(key: string, { memory, redis }: Places): Promise<void> {
  const [expected, actual] = await Promise.all([memory.load(key), redis.load(key)]);
  assert.deepEqual(actual && bytesOf(actual.fields), expected && bytesOf(expected.fields));
  const apart = Math.abs((actual?.remainingMs ?? 0) - (expected?.remainingMs ?? 0));
  assert.ok(apart <= slackMs, `the ends of ${key} are ${apart} ms apart`);
}

function bytesOf(fields: RecordFields): ReadonlyMap<string, Uint8Array | undefined> {
  return new Map(Array.from(fields, ([name, value]) => [name, toBytes(value)]));
}

const key = fc.constantFrom(...keys);
const value = fc.constantFrom<Encoded>("1", "2", "", "é", Uint8Array.of(0, 255), Uint8Array.of(49));

/** Some of the fields, each with a value. */
const fields = fc
  .tuple(
    ...names.map((name) =>
      fc.option(
        value.map((it) => [name, it] as const),
        { nil: undefined },
      ),
    ),
  )
  .map((entries) => new Map(entries.filter((entry) => entry !== undefined)));

/** What becomes of each field: a new value, its end, or nothing. */
const change = fc
  .tuple(fields, fc.subarray(names))
  .map(([set, ended]): RecordChange => ({ set, remove: ended.filter((name) => !set.has(name)) }));

const hourMs = 3_600_000;

/** Most last longer than a run; the last two are over. */
const lifetime = fc.constantFrom<RecordLifetime>(
  { ttlMs: hourMs },
  { ttlMs: 2 * hourMs },
  { ttlMs: 3 * hourMs, maxAgeMs: hourMs },
  { maxAgeMs: 4 * hourMs },
  { ttlMs: 5 * hourMs, untilMs: Number.MAX_SAFE_INTEGER },
  { untilMs: Number.MAX_SAFE_INTEGER, ttlMs: 6 * hourMs, maxAgeMs: 7 * hourMs },
  { ttlMs: 0 },
  { ttlMs: hourMs, untilMs: 1 },
);

const condition = fc.record({ field: fc.constantFrom(...names), text: fc.constantFrom("1", "") });
const move = fc.record({
  from: key,
  to: key,
  change,
  lifetime,
  rememberMs: fc.constantFrom(hourMs, hourMs, 0),
});

const argumentsOf: Readonly<Record<Verb, fc.Arbitrary<readonly unknown[]>>> = {
  create: fc.tuple(key, fields, lifetime),
  update: fc.oneof(fc.tuple(key, change, lifetime), fc.tuple(key, change)),
  put: fc.tuple(key, fields, lifetime),
  touch: fc.tuple(key, lifetime),
  move: fc.tuple(move),
  destroy: fc.oneof(fc.tuple(key), fc.tuple(key, condition)),
};

const verbs = Object.keys(argumentsOf) as Verb[]; // its own keys

const steps = verbs.map((verb) => argumentsOf[verb].map((args) => new Step(verb, args)));

describe("records in memory and in redis", () => {
  let server: SharedServer;

  beforeAll(async () => {
    server = shareServer({
      ...parseRedisLocation(sharedUrl(await freshDatabase())),
      connectTimeoutMs: 2_000,
      commandTimeoutMs: 5_000,
      circuit: { threshold: 5, cooldownMs: 1_000 },
      maxCalls: 10_000,
      maxBytes: 2 ** 26,
    });
  });

  afterAll(async () => {
    await server.release();
  });

  async function opened(): Promise<Places> {
    await server.commands.send(flushCommand);
    const memory = new MemoryRecords({ maxEntries: 1_000, clock: systemClock });
    return { memory, redis: new RedisRecords(server.commands) };
  }

  test("answer alike, whatever they are asked, and keep the same", async () => {
    const tally: Tally = new Map();
    const sequences = fc.commands(steps, { maxCommands: 40, size: "max" });
    const alike = fc.asyncProperty(sequences, async (commands) => {
      const real = await opened();
      await fc.asyncModelRun(() => ({ model: tally, real }), commands);
    });
    await fc.assert(alike, { numRuns: 200, includeErrorInReport: true });
    const rare = verbs.filter((verb) => (tally.get(verb) ?? 0) < 50);
    assert.deepEqual(rare, [], inspect(tally));
  });
});
