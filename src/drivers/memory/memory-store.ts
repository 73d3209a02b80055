import type { Encoded } from "../../contracts/serializer.ts";
import type {
  CountFailure,
  CountRules,
  Deletion,
  Lifetime,
  ScanRules,
  Store,
  WriteEntry,
  WriteRules,
} from "../../contracts/store.ts";
import type { Clock } from "../../kit/clock.ts";
import { globMatcher } from "../../kit/glob.ts";
import { ExpiringMap, isMortal } from "./expiring-map.ts";
import { addToInteger, sumInRange } from "./integer-text.ts";

/** What a {@link MemoryStore} needs to begin. */
export interface MemoryStoreOptions {
  /** How many entries it holds before the least recently used one goes. At least 1. */
  readonly maxEntries: number;

  /** Tells when entries end. */
  readonly clock: Clock;

  /** Empties what else lives in the same memory. */
  readonly onFlush?: () => void;
}

/**
 * A store in this process's memory, bounded by a number of entries.
 *
 * Guarantee: atomic, since no method gives up control on its way. Bytes are copied in and out, so
 * nothing is shared with the caller. An entry whose end has come is gone for every verb; its memory
 * is freed on access, or by a later write.
 */
export class MemoryStore implements Store {
  readonly name = "memory";
  readonly #clock: Clock;
  readonly #entries: ExpiringMap<Encoded>;
  readonly #onFlush: () => void;

  constructor({ maxEntries, clock, onFlush = () => {} }: MemoryStoreOptions) {
    this.#clock = clock;
    this.#entries = new ExpiringMap({ maxEntries, clock });
    this.#onFlush = onFlush;
  }

  /** Counts the entries kept, dead ones that were not swept yet among them. */
  get size(): number {
    return this.#entries.size;
  }

  async get(key: string): Promise<Encoded | undefined> {
    return this.#read(key);
  }

  async getMany(keys: readonly string[]): Promise<(Encoded | undefined)[]> {
    return keys.map((key) => this.#read(key));
  }

  async set(key: string, bytes: Encoded, rules: WriteRules): Promise<boolean> {
    return this.#write(key, bytes, rules);
  }

  async setMany(entries: readonly WriteEntry[]): Promise<readonly boolean[]> {
    return entries.map(({ key, bytes, rules }) => this.#write(key, bytes, rules));
  }

  async take(key: string): Promise<Encoded | undefined> {
    const value = this.#entries.find(key)?.value;
    this.#entries.delete(key);
    return value;
  }

  async has(key: string): Promise<boolean> {
    return this.#entries.peek(key) !== undefined;
  }

  async delete(keys: readonly string[]): Promise<Deletion> {
    const gone = keys.filter((key) => this.#entries.peek(key) && this.#entries.delete(key));
    return { deleted: gone.length, failed: noFailures };
  }

  async count(key: string, delta: bigint, rules: CountRules): Promise<bigint | CountFailure> {
    const old = this.#entries.find(key);
    if (!old && !rules.createWith) return "absent";
    const sum = old ? addToInteger(old.value, delta) : sumInRange(0n, delta);
    if (typeof sum !== "bigint") return sum;
    const expiresAtMs = old?.expiresAtMs ?? this.#endOf(rules.createWith ?? "forever");
    this.#entries.set(key, { value: `${sum}`, expiresAtMs });
    return sum;
  }

  async expire(key: string, lifetime: Lifetime): Promise<boolean> {
    return this.#endAt(key, this.#endOf(lifetime));
  }

  async expireAt(key: string, unixMs: number): Promise<boolean> {
    return this.#endAt(key, unixMs);
  }

  async persist(key: string): Promise<boolean> {
    const entry = this.#entries.find(key);
    return isMortal(entry) && this.#endAt(key, Number.POSITIVE_INFINITY);
  }

  async remainingMs(key: string): Promise<number | null> {
    const entry = this.#entries.peek(key);
    if (!entry) return 0;
    return isMortal(entry) ? Math.max(1, Math.ceil(entry.expiresAtMs - this.#clock.now())) : null;
  }

  async rename(from: string, to: string): Promise<boolean> {
    const entry = this.#entries.find(from);
    if (!entry) return false;
    this.#entries.delete(from);
    this.#entries.set(to, entry);
    return true;
  }

  async *scan(pattern: string, { count }: ScanRules): AsyncIterable<readonly string[]> {
    const isMatch = globMatcher(pattern);
    let batch: string[] = [];
    for (const key of this.#entries.keys()) {
      if (!isMatch(key) || !this.#entries.peek(key)) continue;
      batch.push(key);
      if (batch.length < count) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  async flush(): Promise<void> {
    this.#entries.clear();
    this.#onFlush();
  }

  async ping(): Promise<void> {}

  #read(key: string): Encoded | undefined {
    const entry = this.#entries.find(key);
    return entry && copyOf(entry.value);
  }

  #write(key: string, bytes: Encoded, rules: WriteRules): boolean {
    const old = this.#entries.find(key);
    if (rules.condition === "absent" && old) return false;
    if (rules.condition === "present" && !old) return false;
    const kept = rules.keepTtl ? old?.expiresAtMs : undefined;
    this.#entries.set(key, {
      value: copyOf(bytes),
      expiresAtMs: kept ?? this.#endOf(rules.lifetime),
    });
    return true;
  }

  #endOf(lifetime: Lifetime): number {
    return lifetime === "forever" ? Number.POSITIVE_INFINITY : this.#clock.now() + lifetime.ttlMs;
  }

  #endAt(key: string, expiresAtMs: number): boolean {
    const entry = this.#entries.find(key);
    if (entry) this.#entries.set(key, { value: entry.value, expiresAtMs });
    return entry !== undefined;
  }
}

const noFailures: ReadonlyMap<string, Error> = new Map();

function copyOf(value: Encoded): Encoded {
  return typeof value === "string" ? value : new Uint8Array(value);
}
