import assert from "node:assert/strict";
import { inspect } from "node:util";
import { ClosedError, ConfigurationError } from "../../../src/contracts/errors.ts";
import type { SessionsOptions } from "../../../src/contracts/sessions.ts";
import { createSessions } from "../../../src/sessions/index.ts";
import { assertTypeError } from "../cache-rules/cache-rule.ts";
import { rule, type SessionRule, stored, unknownId } from "./session-rule.ts";

/** Invalid values of options. */
const wrong: Readonly<Record<Exclude<keyof SessionsOptions, "cache">, readonly unknown[]>> = {
  ttl: [null, 0, -1, "0s", Number.NaN, Number.POSITIVE_INFINITY, "soon", {}, true],
  absoluteTtl: [0, -1, "0s", Number.NaN, "soon", {}, false],
  rolling: ["yes", 1, null, "false"],
  keyPrefix: ["", 5, null, "half \ud800"],
  userField: ["", 5, null, "half \ud800"],
  maxBytes: [0, -1, 1.5, Number.NaN, "1kb", null],
};

const noCaches: readonly unknown[] = [undefined, null, {}, "memory:", 5, new Map()];

const noOptions: readonly unknown[] = [undefined, null, "memory:", 5, []];

/** Options of `createSessions`, and sessions of a closed cache. */
export const optionRules: readonly SessionRule[] = [
  ...Object.entries(wrong).flatMap(([option, values]) =>
    values.map((value) =>
      rule(`${option} cannot be ${inspect(value)}`, async ({ cache }) => {
        const options = { cache, [option]: value };
        assert.throws(
          () => createSessions(options),
          (error) => {
            return error instanceof TypeError && error.message.includes(option);
          },
        );
      }),
    ),
  ),
  rule("an option that does not exist is refused by name", async ({ cache }) => {
    for (const option of ["TTL", "maxAge", "prefix", "__proto__x"]) {
      const options = { cache, [option]: 1 };
      assert.throws(
        () => createSessions(options),
        (error) => {
          return error instanceof ConfigurationError && error.option === option;
        },
      );
    }
  }),
  rule("sessions live in caches of this library only", async () => {
    for (const cache of noCaches) {
      assert.throws(() => createSessions({ cache } as SessionsOptions), TypeError); // as in JavaScript
    }
    for (const options of noOptions) {
      assert.throws(() => createSessions(options as SessionsOptions), TypeError); // as in JavaScript
    }
  }),
  rule("an option of undefined is one that is not given", async ({ cache, sessions }) => {
    const same = createSessions({
      cache,
      ttl: undefined,
      absoluteTtl: undefined,
      rolling: undefined,
      keyPrefix: undefined,
      userField: undefined,
      maxBytes: undefined,
    });
    const session = await stored(same, { userId: 42 });
    assert.equal((await sessions.load(session.id)).get("userId"), 42);
    assert.equal((await sessions.list({ userId: 42 })).length, 1);
  }),
  rule("an absoluteTtl of null is no bound", async ({ make }) => {
    const session = await stored(make({ absoluteTtl: null, ttl: "1h" }));
    assert.ok(session.expiryAge > 3_590);
  }),
  rule("making sessions reaches no store", async ({ open }) => {
    const cache = await open();
    await cache.close();
    createSessions({ cache });
    await assert.rejects(createSessions({ cache }).load(unknownId()), ClosedError);
  }),
  rule(
    "after close everything that reaches the store rejects with ClosedError",
    async (context) => {
      const cache = await context.open({ name: "closed one" });
      const sessions = createSessions({ cache });
      const [session, other] = [await stored(sessions), await stored(sessions)];
      const [summary] = await summariesOf(sessions);
      await cache.close();
      const calls = [
        () => sessions.load(session.id),
        () => sessions.load(session.id, { onStoreError: "anonymous" }),
        () => sessions.list({ userId: 42 }),
        () => sessions.destroyAll({ userId: 42 }),
        () => session.set("city", "Rome").save(),
        () => session.regenerate(),
        () => other.destroy(),
        async () => (await sessions.load(undefined)).set("name", "Bob").save(),
        async () => summary?.destroy(),
      ];
      for (const call of calls) await assert.rejects(call(), ClosedError);
      assert.equal(session.get("city"), "Rome");
    },
  ),
  rule("a failing load is no rejection of an earlier call", async ({ sessions }) => {
    await assertTypeError(sessions.load(undefined, { onStoreError: 5 } as object)); // as in JavaScript
    assert.equal((await sessions.load(undefined)).isEmpty, true);
  }),
];

async function summariesOf(
  sessions: ReturnType<typeof createSessions>,
): ReturnType<typeof sessions.list> {
  await stored(sessions, { userId: 42 });
  return sessions.list({ userId: 42 });
}
