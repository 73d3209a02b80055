import type { NearStats } from "../../contracts/events.ts";
import type { InvalidationListener, Invalidations } from "../../contracts/invalidation.ts";
import type { Encoded } from "../../contracts/serializer.ts";
import { BoundedMap } from "../../kit/bounded-map.ts";
import type { NearBounds } from "../options/near-bounds.ts";

/** What a near cache is made of. */
export interface NearCacheParts {
  readonly bounds: NearBounds;
  readonly invalidations: Invalidations;
  /** Told where the server, or the client, cannot tell of changes. */
  readonly refused: (error: Error) => void;
  /** A clock that only goes forward, in ms. @default performance.now */
  readonly now?: () => number;
}

/** A read under way, whose answer may be kept as long as nothing has happened to its key. */
export interface Reading {
  readonly storedKey: string;
  /** What stands for the key's reads under way until something happens to it. */
  readonly mark: Mark;
  readonly startedAtMs: number;
}

interface Mark {
  readers: number;
}

/** What a read brought. */
export interface Brought {
  readonly value: unknown;
  readonly stored: Encoded;
  /** Whether `value` is frozen, so that all may have the same. */
  readonly isShared: boolean;
  readonly remainingMs: number | null;
}

/** A value that all share, or the stored form of one that each reader gets anew. */
export interface NearEntry {
  readonly value: unknown;
  /** `undefined`: all share `value`. */
  readonly stored: Encoded | undefined;
}

interface Entry extends NearEntry {
  readonly endsAtMs: number;
}

/**
 * Values read lately, in this process, by stored key.
 *
 * It trusts nothing that it was not told: it answers only while changes are told, and a read during
 * which its key was written, flushed or lost from sight leaves nothing behind.
 */
export class NearCache implements InvalidationListener {
  readonly #parts: NearCacheParts;
  readonly #now: () => number;
  readonly #entries: BoundedMap<Entry>;
  readonly #marks = new Map<string, Mark>();
  #trustedUntilMs = Number.NEGATIVE_INFINITY;
  #hits = 0;
  #misses = 0;
  #invalidations = 0;

  constructor(parts: NearCacheParts) {
    const { maxEntries, maxBytes } = parts.bounds;
    this.#parts = parts;
    this.#now = parts.now ?? (() => performance.now());
    this.#entries = new BoundedMap({ maxEntries, maxSize: maxBytes });
  }

  /** Returns what is kept of the key, as long as it may be served. */
  find(storedKey: string): NearEntry | undefined {
    const entry = this.#entries.get(storedKey);
    const nowMs = entry === undefined ? 0 : this.#now();
    if (entry !== undefined && nowMs < entry.endsAtMs && nowMs < this.#trustedUntilMs) {
      this.#hits += 1;
      return entry;
    }
    if (entry !== undefined && nowMs >= entry.endsAtMs) this.#entries.delete(storedKey);
    this.#misses += 1;
    return undefined;
  }

  /** Called before a read is sent. Returns what {@link keep} needs, unless nothing can be kept now. */
  begin(storedKey: string): Reading | undefined {
    this.#parts.invalidations.follow(this);
    const startedAtMs = this.#now();
    if (startedAtMs >= this.#trustedUntilMs) return undefined;
    const mark = this.#marks.get(storedKey) ?? { readers: 0 };
    mark.readers += 1;
    this.#marks.set(storedKey, mark);
    return { storedKey, mark, startedAtMs };
  }

  /** Keeps what a read brought, unless something has happened to its key since it began. */
  keep(reading: Reading | undefined, brought: Brought): void {
    if (!reading || this.#marks.get(reading.storedKey) !== reading.mark) return;
    const { storedKey, startedAtMs } = reading;
    const { value, stored, isShared, remainingMs } = brought;
    const lifeMs = Math.min(this.#parts.bounds.maxAgeMs, remainingMs ?? Number.POSITIVE_INFINITY);
    if (lifeMs <= 0) return;
    // Counted from before the read was sent: the store counts from later on.
    const endsAtMs = startedAtMs + lifeMs;
    const entry = isShared
      ? { value, stored: undefined, endsAtMs }
      : { value: undefined, stored: copyOf(stored), endsAtMs };
    this.#entries.set(storedKey, entry, Buffer.byteLength(stored) + storedKey.length);
  }

  /** Called once the read is over, however it ended. */
  end(reading: Reading | undefined): void {
    if (!reading) return;
    const { storedKey, mark } = reading;
    mark.readers -= 1;
    if (mark.readers === 0 && this.#marks.get(storedKey) === mark) this.#marks.delete(storedKey);
  }

  /** Drops what is kept of the keys, and what reads under way will bring. Returns how many were kept. */
  forget(storedKeys: Iterable<string>): number {
    let dropped = 0;
    for (const storedKey of storedKeys) {
      this.#marks.delete(storedKey);
      if (this.#entries.delete(storedKey)) dropped += 1;
    }
    return dropped;
  }

  /** {@link NearCache.forget} of every key. */
  forgetAll(): number {
    const dropped = this.#entries.count;
    this.#marks.clear();
    this.#entries.clear();
    return dropped;
  }

  trustedUntil(untilMs: number): void {
    this.#trustedUntilMs = untilMs;
  }

  invalidated(storedKey: string): void {
    this.#invalidations += this.forget([storedKey]);
  }

  flushed(): void {
    this.#invalidations += this.forgetAll();
  }

  lostTrack(): void {
    this.#trustedUntilMs = Number.NEGATIVE_INFINITY;
    this.forgetAll();
  }

  refused(error: Error): void {
    this.#parts.refused(error);
  }

  stats(): NearStats {
    return {
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#entries.evictions,
      invalidations: this.#invalidations,
      entries: this.#entries.count,
      bytes: this.#entries.size,
      tracking: this.#now() < this.#trustedUntilMs,
    };
  }

  /** Follows changes no longer. Calling it again does nothing. */
  async close(): Promise<void> {
    this.lostTrack();
    await this.#parts.invalidations.close();
  }
}

/** Memory of its own: a reply may be a part of a large one. */
function copyOf(stored: Encoded): Encoded {
  return typeof stored === "string" ? stored : new Uint8Array(stored);
}
