import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { DecodeError } from "../contracts/errors.ts";
import type { SessionBackend } from "../contracts/session-backend.ts";
import { createCache } from "../create-cache.ts";
import { sessionBackendOf } from "./session-backend.ts";
import { SessionRecords } from "./session-records.ts";

/** Records in memory, whose destruction answers as `movedTo` says. */
function recordsThatMove(movedTo: (key: string) => string | undefined): {
  readonly records: SessionRecords;
  readonly asked: string[];
} {
  const backend = sessionBackendOf(createCache());
  const asked: string[] = [];
  const destroy: SessionBackend["records"]["destroy"] = async (key) => {
    asked.push(key);
    const target = movedTo(key);
    return { destroyed: target === undefined, ...(target !== undefined && { movedTo: target }) };
  };
  const moving: SessionBackend = {
    ...backend,
    key: (name) => name,
    records: moved(backend, destroy),
  };
  return { records: new SessionRecords(moving, "s:", 1_000), asked };
}

function moved(
  { records }: SessionBackend,
  destroy: SessionBackend["records"]["destroy"],
): SessionBackend["records"] {
  return Object.assign(Object.create(records) as SessionBackend["records"], { destroy });
}

test("a destroy follows a session through hundreds of new ids", async () => {
  const { records, asked } = recordsThatMove((key) => {
    const place = Number(key.slice(2));
    return place < 500 ? `s:${place + 1}` : undefined;
  });
  expect(await records.destroy("0")).toBe(true);
  expect(asked).toHaveLength(501);
});

test("traces that lead in a ring are an error, not a wait without end", async () => {
  const { records, asked } = recordsThatMove((key) => (key === "s:a" ? "s:b" : "s:a"));
  await expect(records.destroy("a")).rejects.toThrow("lead nowhere");
  expect(asked.length).toBeLessThan(2_000);
});

test("a session of which several fields cannot be decoded, sooner and later, is none, and breaks nothing", async () => {
  const backend = sessionBackendOf(createCache());
  const told: unknown[] = [];
  const decode = (stored: unknown): unknown => {
    const failure = new DecodeError("it is damaged");
    if (stored === "later") return wait(5).then(() => Promise.reject(failure));
    throw failure;
  };
  const damaged: SessionBackend = {
    ...backend,
    codec: { ...backend.codec, decode, encode: String },
    reportIgnored: (_operation, error) => told.push(error),
  };
  const records = new SessionRecords(damaged, "s:", 1_000);
  const fields = {
    set: new Map([
      ["one", "later"],
      ["two", "at once"],
    ]),
    remove: [],
  };
  await records.put("a", { fields, metadata: new Map(), lifetime: { ttlMs: 60_000 } });
  expect(await records.load("a")).toBeUndefined();
  expect(told).toEqual([expect.any(DecodeError)]);
  await wait(20); // a rejection that nobody handles would end the run
});

test("a destroy stops before the session that is to be left alive", async () => {
  const { records, asked } = recordsThatMove((key) => (key === "s:a" ? "s:b" : undefined));
  expect(await records.destroy("a", { except: "b" })).toBe(false);
  expect(await records.destroy("b", { except: "b" })).toBe(false);
  expect(asked).toEqual(["s:a"]);
});
