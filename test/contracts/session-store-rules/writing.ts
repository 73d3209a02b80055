import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { EncodeError, ValueTooLargeError } from "../../../src/contracts/errors.ts";
import {
  assertGone,
  assertHolds,
  assertInterrupted,
  assertRemains,
  briefMs,
  clockErrorMs,
  found,
  hourMs,
  minuteMs,
  momentMs,
  rule,
  type SessionStoreRule,
  stored,
} from "./session-store-rule.ts";

const rounds = 100;

const cycle: Record<string, unknown> = {};
cycle["self"] = cycle;

/** Returns text that hardly compresses. */
function noise(length: number): string {
  return randomBytes(length).toString("base64").slice(0, length);
}

/** What `set` promises. */
export const writingRules: readonly SessionStoreRule[] = [
  rule("a session without a base is stored over whatever there is", async ({ store }) => {
    await stored(store, "id", { name: "Ann", cart: ["tea"] });
    await store.set("id", { name: "Bob" }, { lifetimeMs: hourMs });
    await assertHolds(store, "id", { name: "Bob" });
  }),
  rule("a session is stored as a later form of what was read", async ({ store }) => {
    const { base } = await stored(store, "id", { name: "Ann", old: 1 });
    await store.set("id", { name: "Ann", cart: ["tea"] }, { lifetimeMs: hourMs, base });
    await assertHolds(store, "id", { name: "Ann", cart: ["tea"] });
  }),
  rule("what storing returns is what the next storing goes by", async ({ store }) => {
    const first = await store.set("id", { name: "Ann" }, { lifetimeMs: hourMs });
    const second = await store.set("id", { name: "Bob" }, { lifetimeMs: hourMs, base: first });
    assert.equal(second.id, "id");
    await store.set("id", { city: "Rome" }, { lifetimeMs: hourMs, base: second });
    await assertHolds(store, "id", { city: "Rome" });
  }),
  rule("a base serves more than one write", async ({ store }) => {
    const { base } = await stored(store, "id", { name: "Ann" });
    for (const name of ["Bob", "Eve"])
      await store.set("id", { name }, { lifetimeMs: hourMs, base });
    await assertHolds(store, "id", { name: "Eve" });
  }),
  rule("the base of another id is none", async ({ store }) => {
    const { base } = await stored(store, "old", { name: "Ann", cart: ["tea"] });
    await store.set("new", { name: "Ann", cart: ["tea"] }, { lifetimeMs: hourMs, base });
    await assertHolds(store, "new", { name: "Ann", cart: ["tea"] });
  }),
  rule("changes inside of values are stored", async ({ store }) => {
    const { data, base } = await stored(store, "id", { cart: [{ item: "tea", count: 1 }] });
    (data["cart"] as { count: number }[]).push({ count: 2 });
    await store.set("id", data, { lifetimeMs: hourMs, base });
    await assertHolds(store, "id", { cart: [{ item: "tea", count: 1 }, { count: 2 }] });
  }),
  rule("a field that is undefined is none", async ({ store }) => {
    const { base } = await stored(store, "id", { name: "Ann", gone: undefined, cart: [] });
    await assertHolds(store, "id", { name: "Ann", cart: [] });
    await store.set("id", { name: "Ann", cart: undefined }, { lifetimeMs: hourMs, base });
    await assertHolds(store, "id", { name: "Ann" });
  }),
  rule("storing gives a session the lifetime that is named", async ({ store }) => {
    const { base } = await stored(store, "id");
    await store.set("id", { name: "Bob" }, { lifetimeMs: minuteMs, base });
    await assertRemains(store, "id", minuteMs);
  }),
  rule("storing what did not change extends the session too", async ({ store, pass }) => {
    await store.set("id", { name: "Ann" }, { lifetimeMs: minuteMs });
    const { data, base } = await found(store, "id");
    await pass(momentMs);
    await store.set("id", data, { lifetimeMs: hourMs, base });
    await assertRemains(store, "id", hourMs);
  }),
  rule(
    "storing what did not change leaves its end where it is not to be extended",
    async (context) => {
      const { store } = context;
      await store.set("id", { name: "Ann" }, { lifetimeMs: minuteMs });
      const { data, base } = await found(store, "id");
      await store.set("id", data, { lifetimeMs: hourMs, base, extend: false });
      await assertRemains(store, "id", minuteMs);
    },
  ),
  rule("storing what changed extends a session also where touches would not", async ({ store }) => {
    const base = await store.set("id", { name: "Ann" }, { lifetimeMs: minuteMs });
    await store.set("id", { name: "Bob" }, { lifetimeMs: hourMs, base, extend: false });
    await assertRemains(store, "id", hourMs);
  }),
  rule("storing may shorten a life by little", async ({ store }) => {
    const { base } = await stored(store, "id");
    await store.set("id", { name: "Bob" }, { lifetimeMs: hourMs - 3_000, base });
    const { remainingMs } = await found(store, "id");
    assert.ok(remainingMs <= hourMs - 3_000 + clockErrorMs, `${remainingMs} ms remain`);
  }),
  rule("what storing gave counts for those who go by an earlier base", async ({ store }) => {
    const { base } = await stored(store, "id");
    await store.set("id", { name: "Bob" }, { lifetimeMs: minuteMs, base });
    await store.set("id", { name: "Eve" }, { lifetimeMs: hourMs, base });
    await assertRemains(store, "id", hourMs);
  }),
  rule("of lifetimes given at once the last counts", async ({ store }) => {
    const { base } = await stored(store, "id");
    await Promise.all([
      store.set("id", { name: "Bob" }, { lifetimeMs: minuteMs, base }),
      store.set("id", { name: "Eve" }, { lifetimeMs: hourMs, base }),
    ]);
    await assertRemains(store, "id", hourMs);
  }),
  rule("storing extends a life that a touch had shortened", async ({ store }) => {
    const { base } = await stored(store, "id");
    await store.touch("id", { lifetimeMs: minuteMs, base });
    await store.set("id", { name: "Bob" }, { lifetimeMs: hourMs, base });
    await assertRemains(store, "id", hourMs);
  }),
  rule("a session is gone once its lifetime has passed", async ({ store, pass }) => {
    await store.set("id", { name: "Ann" }, { lifetimeMs: briefMs });
    await pass(momentMs);
    await assertGone(store, "id");
  }),
  ...[0, -1, -hourMs].flatMap((lifetimeMs) => [
    rule(`a lifetime of ${lifetimeMs} ms destroys the session`, async ({ store }) => {
      const { data, base } = await stored(store, "id");
      await store.set("id", { ...data, name: "Bob" }, { lifetimeMs, base });
      await assertGone(store, "id");
    }),
    rule(`a lifetime of ${lifetimeMs} ms destroys one that did not change`, async ({ store }) => {
      const { data, base } = await stored(store, "id");
      await store.set("id", data, { lifetimeMs, base });
      await assertGone(store, "id");
    }),
    rule(
      `a lifetime of ${lifetimeMs} ms destroys one that is not to be extended`,
      async (context) => {
        const { store } = context;
        const { data, base } = await stored(store, "id");
        await store.set("id", data, { lifetimeMs, base, extend: false });
        await assertGone(store, "id");
      },
    ),
    rule(`a lifetime of ${lifetimeMs} ms destroys one that is not known`, async ({ store }) => {
      await stored(store, "id");
      await store.set("id", { name: "Bob" }, { lifetimeMs });
      await assertGone(store, "id");
    }),
  ]),
  rule("what was destroyed stays so: a later form of it is refused", async ({ store }) => {
    const { base } = await stored(store, "id");
    await store.destroy("id");
    await assertInterrupted(store.set("id", { name: "Bob" }, { lifetimeMs: hourMs, base }));
    await assertGone(store, "id");
  }),
  rule("what was destroyed stays so, where only its life was to be longer", async ({ store }) => {
    const { data, base } = await stored(store, "id");
    await store.destroy("id");
    await assertInterrupted(store.set("id", data, { lifetimeMs: 2 * hourMs, base }));
    await assertGone(store, "id");
  }),
  rule("what has expired is not brought back", async ({ store, pass }) => {
    const base = await store.set("id", { name: "Ann" }, { lifetimeMs: briefMs });
    await pass(momentMs);
    await assertInterrupted(store.set("id", { name: "Bob" }, { lifetimeMs: hourMs, base }));
    await assertGone(store, "id");
  }),
  rule(
    "what was destroyed and made anew is written by those who know the new one",
    async (context) => {
      const { store } = context;
      await stored(store, "id");
      await store.destroy("id");
      const { base } = await stored(store, "id", { name: "Bob" });
      await store.set("id", { name: "Eve" }, { lifetimeMs: hourMs, base });
      await assertHolds(store, "id", { name: "Eve" });
    },
  ),
  rule(`${rounds} times a write meets a destruction, and never wins`, async ({ store }) => {
    for (let round = 0; round < rounds; round++) {
      const id = `id ${round}`;
      const { base } = await stored(store, id);
      const write = store.set(id, { name: "Bob" }, { lifetimeMs: hourMs, base });
      await Promise.allSettled([write, store.destroy(id)]);
      await assertGone(store, id);
    }
  }),
  rule("what cannot be stored is refused, and nothing written", async ({ store }) => {
    const { base } = await stored(store, "id");
    const data = { name: "Bob", cycle };
    await assert.rejects(store.set("id", data, { lifetimeMs: hourMs, base }), EncodeError);
    await assert.rejects(store.set("id", data, { lifetimeMs: hourMs }), EncodeError);
    await assertHolds(store, "id", { name: "Ann" });
  }),
  rule("a session larger than maxBytes is refused, and nothing written", async ({ another }) => {
    const store = another({ maxBytes: 100 });
    const { base } = await stored(store, "id");
    const data = { name: "Bob", note: noise(200) };
    await assert.rejects(store.set("id", data, { lifetimeMs: hourMs, base }), ValueTooLargeError);
    await assert.rejects(store.set("id", data, { lifetimeMs: hourMs }), ValueTooLargeError);
    await assertHolds(store, "id", { name: "Ann" });
  }),
];
