import assert from "node:assert/strict";
import { assertSameValue, fidelityValues } from "../fidelity-values.ts";
import { type CacheRule, rule } from "./cache-rule.ts";

/** Values come back as they were set. */
export const valueRules: readonly CacheRule[] = [
  ...fidelityValues.map(({ name, make }) =>
    rule(`${name} comes back as it was set`, async ({ cache }) => {
      await cache.set("key", make());
      assertSameValue(await cache.get("key"), make());
    }),
  ),
  rule("values of every kind come back in one batch", async ({ cache }) => {
    await cache.setMany(fidelityValues.map(({ name, make }) => [name, make()] as const));
    const found = await cache.getMany(fidelityValues.map(({ name }) => name));
    for (const { name, make } of fidelityValues) assertSameValue(found.get(name), make(), name);
  }),
  rule("values of every kind can be loaded, and taken", async ({ cache }) => {
    for (const { make } of fidelityValues) {
      await cache.getOrSet("key", make);
      const stored = await cache.getOrSet("key", (): never => assert.fail("it was not stored"));
      assertSameValue(stored, make());
      assertSameValue(await cache.take("key"), make());
    }
  }),
  rule("values of every kind move from version to version", async ({ cache }) => {
    for (const { name, make } of fidelityValues) {
      await cache.set(name, make());
      await cache.incrVersion(name);
      assertSameValue(await cache.get(name, { version: 2 }), make(), name);
    }
  }),
  rule("a compressed value comes back as it was set", async ({ open }) => {
    const cache = await open({ compressor: "gzip", compressMinBytes: 1 });
    for (const { name, make } of fidelityValues) {
      await cache.set("key", make());
      assertSameValue(await cache.get("key"), make(), name);
    }
  }),
];
