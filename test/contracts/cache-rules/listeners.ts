import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { ConfigurationError } from "../../../src/contracts/errors.ts";
import { assertTypeError, type CacheRule, call, eventsOf, mustNotRun, rule } from "./cache-rule.ts";

/** An asynchronous listener, which the types do not forbid: the cache does not await it. */
const rejecting: () => unknown = async () => assert.fail("later");

/** What `on`, `off` and the option `events` promise, and that no listener can disturb a call. */
export const listenerRules: readonly CacheRule[] = [
  rule("what a listener rejects with is logged, and disturbs nobody", async ({ open }) => {
    const logged: unknown[] = [];
    const logger = { error: (_message: string, error: unknown) => logged.push(error) };
    const cache = await open({ logger });
    cache.on("miss", rejecting);
    assert.equal(await cache.get("nobody"), undefined);
    await turn();
    assert.ok(logged[0] instanceof assert.AssertionError);
  }),
  rule("a logger that throws disturbs nobody", async ({ open }) => {
    const logger = { error: () => assert.fail("the logger") };
    const cache = await open({ logger, events: { miss: () => assert.fail("the listener") } });
    assert.equal(await cache.get("nobody"), undefined);
  }),
  rule("a listener may take itself off and put itself on again", async ({ cache }) => {
    let emitted = 0;
    const listener = (): void => {
      emitted += 1;
      cache.off("miss", listener).on("miss", listener);
    };
    cache.on("miss", listener);
    await cache.get("nobody");
    assert.equal(emitted, 1);
  }),
  rule("a listener is called once, however often it was added", async ({ cache }) => {
    let heard = 0;
    const listener = (): void => {
      heard += 1;
    };
    assert.equal(cache.on("write", listener).on("write", listener), cache);
    await cache.set("key", 1);
    assert.equal(heard, 1);
  }),
  rule("a listener that was taken off is not called", async ({ cache }) => {
    cache.on("write", mustNotRun);
    assert.equal(cache.off("write", mustNotRun), cache);
    cache.off("write", mustNotRun);
    await cache.set("key", 1);
  }),
  rule("listeners can be given from the start", async ({ open }) => {
    const heard: string[] = [];
    const cache = await open({ events: { write: ({ key }) => heard.push(key) } });
    await cache.set("key", 1);
    assert.deepEqual(heard, ["key"]);
  }),
  rule("a view hears what its cache does, and the other way round", async ({ cache }) => {
    const view = cache.namespace("n");
    const emitted = eventsOf(view);
    await cache.set("key", 1);
    await view.set("key", 1);
    assert.deepEqual(emitted, ["write key", "write n:key"]);
  }),
  rule("what a listener throws is logged, and reaches no caller", async ({ open }) => {
    const logged: unknown[] = [];
    const cache = await open({ logger: { error: (...details) => logged.push(...details) } });
    const error = new Error("a bad listener");
    cache.on("write", () => {
      throw error;
    });
    const emitted = eventsOf(cache);
    assert.equal(await cache.set("key", 1), true);
    assert.ok(logged.includes(error));
    assert.deepEqual(emitted, ["write key"]);
  }),
  rule("an event that does not exist is a ConfigurationError", async ({ cache, open }) => {
    await assert.rejects(
      call(cache, "on", "hits", () => {}),
      ConfigurationError,
    );
    await assert.rejects(
      call(cache, "off", "hits", () => {}),
      ConfigurationError,
    );
    const events = { hits: () => {} } as Record<string, () => void>;
    await assert.rejects(open({ events }), ConfigurationError);
  }),
  rule("a listener must be a function", async ({ cache }) => {
    await assertTypeError(call(cache, "on", "hit", "listener"));
    await assertTypeError(call(cache, "on", "hit"));
  }),
];
