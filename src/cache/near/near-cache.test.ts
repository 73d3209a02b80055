import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Invalidations } from "../../contracts/invalidation.ts";
import type { NearBounds } from "../options/near-bounds.ts";
import { type Brought, NearCache } from "./near-cache.ts";

const deaf: Invalidations = { follow: () => undefined, close: async () => undefined };
const wide: NearBounds = { maxEntries: 100, maxBytes: 10_000, maxAgeMs: Number.POSITIVE_INFINITY };

/** What a key answers of which nothing is kept. */
const absent = Symbol("absent");

class Desk {
  nowMs = 0;
  readonly near: NearCache;

  constructor(bounds: Partial<NearBounds> = {}) {
    this.near = new NearCache({
      bounds: { ...wide, ...bounds },
      invalidations: deaf,
      refused: () => undefined,
      now: () => this.nowMs,
    });
    this.near.trustedUntil(1_000_000);
  }

  /** Returns what is kept; of what each reader gets anew, the first byte. */
  find(key: string): unknown {
    const entry = this.near.find(key);
    if (!entry) return absent;
    return entry.stored === undefined ? entry.value : { anew: entry.stored[0] };
  }

  fill(key: string, value: unknown, more: Partial<Brought> = {}): void {
    const reading = this.near.begin(key);
    this.near.keep(reading, brought(value, more));
    this.near.end(reading);
  }
}

function brought(value: unknown, more: Partial<Brought> = {}): Brought {
  return { value, stored: Uint8Array.of(7), isShared: true, remainingMs: null, ...more };
}

describe("a near cache", () => {
  test("gives what was read, the same to all where it is shared", () => {
    const desk = new Desk();
    const value = {};
    desk.fill("key", value);
    expect([desk.find("key"), desk.find("other")]).toEqual([value, absent]);
    expect(desk.find("key")).toBe(value);
  });

  test("gives what is not shared anew each time, from bytes of its own", () => {
    const desk = new Desk();
    const stored = Uint8Array.of(7);
    desk.fill("key", new Date(), { isShared: false, stored });
    stored[0] = 8;
    const [one, other] = [desk.find("key"), desk.find("key")];
    expect(one).toEqual({ anew: 7 });
    expect(one).not.toBe(other);
  });

  test("keeps a stored `undefined`", () => {
    const desk = new Desk();
    desk.fill("key", undefined);
    expect(desk.find("key")).toBeUndefined();
  });

  test.each<readonly [string, (near: NearCache) => void]>([
    ["an invalidation of the key", (near) => near.invalidated("key")],
    ["a write of ours", (near) => near.forget(["key"])],
    ["a flush", (near) => near.flushed()],
    ["a loss of track", (near) => near.lostTrack()],
  ])("%s ends what is kept, and what a read under way will bring", (_what, happen) => {
    const desk = new Desk();
    desk.fill("key", "old");
    const reading = desk.near.begin("key");
    happen(desk.near);
    desk.near.trustedUntil(1_000_000);
    expect(desk.find("key")).toBe(absent);
    desk.near.keep(reading, brought("old"));
    desk.near.end(reading);
    expect(desk.find("key")).toBe(absent);
  });

  test("what happens to another key is nothing to it", () => {
    const desk = new Desk();
    const reading = desk.near.begin("key");
    desk.near.invalidated("other");
    desk.near.keep(reading, brought("value"));
    expect(desk.find("key")).toBe("value");
  });

  test("keeps the value of a key that is always being read by somebody", () => {
    const desk = new Desk();
    let reading = desk.near.begin("key");
    for (let time = 0; time < 3; time++) {
      const next = desk.near.begin("key");
      desk.near.keep(reading, brought(time));
      desk.near.end(reading);
      expect(desk.find("key")).toBe(time);
      reading = next;
    }
  });

  test("nothing is served, or kept, before changes are told, or once they may not be", () => {
    const desk = new Desk();
    desk.near.trustedUntil(100);
    desk.fill("key", "value");
    desk.nowMs = 99;
    expect(desk.find("key")).toBe("value");
    desk.nowMs = 100;
    expect([desk.find("key"), desk.near.begin("key")]).toEqual([absent, undefined]);
    expect(desk.near.stats().tracking).toBe(false);
  });

  test("a value ends with its key, counted from before it was asked for", () => {
    const desk = new Desk();
    const reading = desk.near.begin("key");
    desk.nowMs = 5;
    desk.near.keep(reading, brought("value", { remainingMs: 10 }));
    desk.nowMs = 9.9;
    expect(desk.find("key")).toBe("value");
    desk.nowMs = 10;
    expect([desk.find("key"), desk.near.stats().entries]).toEqual([absent, 0]);
  });

  test("a value grows no older than maxAge", () => {
    const desk = new Desk({ maxAgeMs: 50 });
    desk.fill("short", 1, { remainingMs: 20 });
    desk.fill("long", 2);
    desk.nowMs = 30;
    expect([desk.find("short"), desk.find("long")]).toEqual([absent, 2]);
    desk.nowMs = 50;
    expect(desk.find("long")).toBe(absent);
  });

  test("is bounded in entries and in bytes, and counts what it does", () => {
    const desk = new Desk({ maxEntries: 2, maxBytes: 20 });
    for (const key of ["a", "b", "c"]) desk.fill(key, key);
    desk.fill("d", "large", { stored: new Uint8Array(18) });
    desk.fill("e", "too large", { stored: new Uint8Array(20) });
    desk.find("d");
    desk.find("e");
    desk.near.invalidated("d");
    desk.near.invalidated("nobody");
    expect(desk.near.stats()).toEqual({
      hits: 1,
      misses: 1,
      evictions: 3,
      invalidations: 1,
      entries: 0,
      bytes: 0,
      tracking: true,
    });
  });

  test("reads that are over leave nothing behind", () => {
    const desk = new Desk();
    const [one, other] = [desk.near.begin("key"), desk.near.begin("key")];
    desk.near.end(one);
    desk.near.end(other);
    desk.near.keep(one, brought("late"));
    expect(desk.find("key")).toBe(absent);
  });
});

/** What a server holds under one key. */
interface Held {
  readonly version: number;
  readonly endsAtMs: number;
}

/**
 * A server, a connection for commands and one for invalidations, each in order, and the steps of
 * everything that goes on, one at a time.
 */
class World {
  readonly #desk = new Desk();
  readonly #held = new Map<string, Held>();
  readonly #sent: (() => void)[] = [];
  readonly #replies: (() => void)[] = [];
  readonly #told: (() => void)[] = [];
  /** Nothing older may be served: its successor was told, or written by us and answered. */
  readonly #fences = new Map<string, number>();
  #versions = 0;

  foreignWrite(key: string, lifeMs: number): void {
    const held = this.#write(key, lifeMs);
    this.#told.push(() => {
      this.#desk.near.invalidated(key);
      this.#fence(key, held.version);
    });
  }

  foreignFlush(): void {
    const version = ++this.#versions;
    this.#held.clear();
    this.#told.push(() => {
      this.#desk.near.flushed();
      for (const key of keys) this.#fence(key, version);
    });
  }

  ownWrite(key: string): void {
    const { near } = this.#desk;
    near.forget([key]);
    this.#sent.push(() => {
      const { version } = this.#write(key, Number.POSITIVE_INFINITY);
      this.#told.push(() => near.invalidated(key));
      this.#replies.push(() => {
        near.forget([key]);
        this.#fence(key, version);
      });
    });
  }

  read(key: string): void {
    const { near } = this.#desk;
    const reading = near.begin(key);
    this.#sent.push(() => {
      const held = this.#heldNow(key);
      const remainingMs = held ? held.endsAtMs - this.#desk.nowMs : 0;
      this.#replies.push(() => {
        if (held) near.keep(reading, brought(held, { remainingMs: finite(remainingMs) }));
        near.end(reading);
      });
    });
  }

  loseTrack(): void {
    this.#desk.near.lostTrack();
    // What was on its way is lost with the connection; what is written from now on is told again.
    this.#told.length = 0;
    for (const key of keys) this.#fence(key, this.#versions);
    this.#desk.near.trustedUntil(1_000_000);
  }

  serve = (): void => this.#sent.shift()?.();
  answer = (): void => this.#replies.shift()?.();
  tell = (): void => this.#told.shift()?.();

  pass(ms: number): void {
    this.#desk.nowMs += ms;
  }

  check(): void {
    for (const key of keys) {
      const kept = this.#desk.find(key);
      if (kept === absent) continue;
      const { version, endsAtMs } = kept as Held;
      expect(version).toBeGreaterThanOrEqual(this.#fences.get(key) ?? 0);
      expect(endsAtMs).toBeGreaterThan(this.#desk.nowMs);
    }
  }

  #write(key: string, lifeMs: number): Held {
    const held = { version: ++this.#versions, endsAtMs: this.#desk.nowMs + lifeMs };
    this.#held.set(key, held);
    return held;
  }

  #heldNow(key: string): Held | undefined {
    const held = this.#held.get(key);
    return held && held.endsAtMs > this.#desk.nowMs ? held : undefined;
  }

  #fence(key: string, version: number): void {
    this.#fences.set(key, Math.max(version, this.#fences.get(key) ?? 0));
  }
}

const keys = ["a", "b"];

function finite(ms: number): number | null {
  return ms === Number.POSITIVE_INFINITY ? null : ms;
}

const key = fc.constantFrom(...keys);
const step: fc.Arbitrary<(world: World) => void> = fc.oneof(
  { weight: 3, arbitrary: key.map((one) => (world: World) => world.read(one)) },
  {
    weight: 2,
    arbitrary: fc.tuple(key, fc.constantFrom(3, Number.POSITIVE_INFINITY)).map(
      ([one, lifeMs]) =>
        (world: World) =>
          world.foreignWrite(one, lifeMs),
    ),
  },
  { weight: 1, arbitrary: key.map((one) => (world: World) => world.ownWrite(one)) },
  { weight: 1, arbitrary: fc.constant((world: World) => world.foreignFlush()) },
  { weight: 1, arbitrary: fc.constant((world: World) => world.loseTrack()) },
  { weight: 1, arbitrary: fc.constant((world: World) => world.pass(1)) },
  { weight: 4, arbitrary: fc.constant((world: World) => world.serve()) },
  { weight: 4, arbitrary: fc.constant((world: World) => world.answer()) },
  { weight: 3, arbitrary: fc.constant((world: World) => world.tell()) },
);

describe("whatever happens in whichever order", () => {
  test("no value is served that is older than the last change told, or over", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const world = new World();
        for (const take of steps) {
          take(world);
          world.check();
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
