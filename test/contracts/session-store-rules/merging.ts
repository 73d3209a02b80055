import { times } from "../store-rules/store-rule.ts";
import { assertHolds, hourMs, rule, type SessionStoreRule, stored } from "./session-store-rule.ts";

const hour = { lifetimeMs: hourMs };
const many = 50;

/** Concurrent requests, with sessions stored field by field: writes are merged. */
export const mergingRules: readonly SessionStoreRule[] = [
  rule("requests side by side keep each other's fields", async ({ store }) => {
    const { base } = await stored(store, "id", { name: "Ann" });
    await store.set("id", { name: "Ann", first: 1 }, { ...hour, base });
    await store.set("id", { name: "Ann", second: 2 }, { ...hour, base });
    await assertHolds(store, "id", { name: "Ann", first: 1, second: 2 });
  }),
  rule("of one field the last writer wins", async ({ store }) => {
    const { base } = await stored(store, "id", { name: "Ann" });
    for (const name of ["Bob", "Eve"]) await store.set("id", { name }, { ...hour, base });
    await assertHolds(store, "id", { name: "Eve" });
  }),
  rule("a removed field takes no other with it", async ({ store }) => {
    const { base } = await stored(store, "id", { name: "Ann", city: "Rome" });
    await store.set("id", { name: "Ann", city: "Rome", cart: [] }, { ...hour, base });
    await store.set("id", { name: "Ann" }, { ...hour, base });
    await assertHolds(store, "id", { name: "Ann", cart: [] });
  }),
  rule("a field that is left as it was does not undo another's write", async ({ store }) => {
    const { data, base } = await stored(store, "id", { name: "Ann", city: "Rome" });
    await store.set("id", { ...data, city: "Oslo" }, { ...hour, base });
    await store.set("id", { ...data, name: "Bob" }, { ...hour, base });
    await assertHolds(store, "id", { name: "Bob", city: "Oslo" });
  }),
  rule("what storing returned is compared with too", async ({ store }) => {
    const { base } = await stored(store, "id", { name: "Ann" });
    const mine = await store.set("id", { name: "Ann", mine: 1 }, { ...hour, base });
    await store.set("id", { name: "Ann", theirs: 1 }, { ...hour, base });
    await store.set("id", { name: "Ann", mine: 2 }, { ...hour, base: mine });
    await assertHolds(store, "id", { name: "Ann", mine: 2, theirs: 1 });
  }),
  rule(`${many} writers at once keep all ${many} fields`, async ({ store }) => {
    const { base } = await stored(store, "id", { name: "Ann" });
    const fields = times(many, (number) => ({ [`field ${number}`]: number }));
    const writes = fields.map((field) =>
      store.set("id", { name: "Ann", ...field }, { ...hour, base }),
    );
    await Promise.all(writes);
    await assertHolds(store, "id", Object.assign({ name: "Ann" }, ...fields));
  }),
];

/** Concurrent requests, with sessions stored whole: the last write wins. */
export const wholeRules: readonly SessionStoreRule[] = [
  rule("of requests side by side the last wins", async ({ store }) => {
    const { base } = await stored(store, "id", { name: "Ann" });
    await store.set("id", { name: "Ann", first: 1 }, { ...hour, base });
    await store.set("id", { name: "Ann", second: 2 }, { ...hour, base });
    await assertHolds(store, "id", { name: "Ann", second: 2 });
  }),
];
