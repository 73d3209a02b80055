import type {
  Destruction,
  RecordChange,
  RecordCondition,
  RecordFields,
  RecordLifetime,
  RecordMove,
  RecordStore,
  StoredRecord,
} from "../../contracts/records.ts";
import type { Encoded } from "../../contracts/serializer.ts";
import type { ScanRules } from "../../contracts/store.ts";
import { batchesOf } from "../../kit/batches.ts";
import type { Clock } from "../../kit/clock.ts";
import { ExpiringMap, type ExpiringMapOptions } from "./expiring-map.ts";

/** A record, or what it left behind when it was moved. */
interface Kept {
  readonly fields: RecordFields;
  readonly bornMs: number;
  readonly movedTo?: string;
}

/** Records in this process's memory, bounded by their number. Atomic, since no method gives up control on its way. */
export class MemoryRecords implements RecordStore {
  readonly #clock: Clock;
  readonly #records: ExpiringMap<Kept>;

  constructor(options: ExpiringMapOptions) {
    this.#clock = options.clock;
    this.#records = new ExpiringMap(options);
  }

  /** Forgets all records. */
  clear(): void {
    this.#records.clear();
  }

  async load(key: string): Promise<StoredRecord | undefined> {
    const record = this.#living(key);
    if (!record) return undefined;
    const now = this.#clock.now();
    return {
      fields: copyOf(record.value.fields),
      remainingMs: Math.max(1, Math.ceil(record.expiresAtMs - now)),
      ageMs: Math.max(0, now - record.value.bornMs),
    };
  }

  async create(key: string, fields: RecordFields, lifetime: RecordLifetime): Promise<boolean> {
    if (this.#records.peek(key)) return false;
    this.#write(key, { fields: copyOf(fields), bornMs: this.#clock.now() }, lifetime);
    return true;
  }

  async update(key: string, change: RecordChange, lifetime?: RecordLifetime): Promise<boolean> {
    const record = this.#living(key);
    if (!record) return false;
    const after = { ...record.value, fields: changed(record.value.fields, change) };
    this.#write(key, after, lifetime ?? { untilMs: record.expiresAtMs });
    return true;
  }

  async put(key: string, fields: RecordFields, lifetime: RecordLifetime): Promise<void> {
    const bornMs = this.#living(key)?.value.bornMs ?? this.#clock.now();
    this.#write(key, { fields: copyOf(fields), bornMs }, lifetime);
  }

  async touch(key: string, lifetime: RecordLifetime): Promise<boolean> {
    const record = this.#living(key)?.value;
    if (record) this.#write(key, record, lifetime);
    return record !== undefined;
  }

  async move({ from, to, change, lifetime, rememberMs }: RecordMove): Promise<boolean> {
    const record = this.#living(from)?.value;
    if (!record || this.#records.peek(to)) return false;
    const { bornMs } = record;
    this.#records.delete(from);
    if (this.#endOf(lifetime, bornMs) <= this.#clock.now()) return false;
    // The trace first: where room is scarce, it goes before the record.
    this.#write(from, { fields: new Map(), bornMs, movedTo: to }, { ttlMs: rememberMs });
    this.#write(to, { bornMs, fields: changed(record.fields, change) }, lifetime);
    return true;
  }

  async *keys(prefix: string, { count }: ScanRules): AsyncIterable<readonly string[]> {
    const own = this.#records.keys().filter((key) => key.startsWith(prefix) && this.#isAlive(key));
    yield* batchesOf(own, count);
  }

  async destroy(key: string, condition?: RecordCondition): Promise<Destruction> {
    const record = this.#records.peek(key)?.value;
    if (!record) return { destroyed: false };
    if (record.movedTo !== undefined) return { destroyed: false, movedTo: record.movedTo };
    const isMeant = !condition || holds(record.fields, condition);
    return { destroyed: isMeant && this.#records.delete(key) };
  }

  /** Asks without using it: a walk must not turn the order of use around. */
  #isAlive(key: string): boolean {
    const entry = this.#records.peek(key);
    return entry !== undefined && entry.value.movedTo === undefined;
  }

  #living(key: string): { readonly value: Kept; readonly expiresAtMs: number } | undefined {
    const entry = this.#records.find(key);
    return entry?.value.movedTo === undefined ? entry : undefined;
  }

  #write(key: string, record: Kept, lifetime: RecordLifetime): void {
    this.#records.set(key, { value: record, expiresAtMs: this.#endOf(lifetime, record.bornMs) });
    if (!this.#records.peek(key)) this.#records.delete(key);
  }

  #endOf({ ttlMs, untilMs, maxAgeMs }: RecordLifetime, bornMs: number): number {
    const never = Number.POSITIVE_INFINITY;
    const afterTtl = ttlMs === undefined ? never : this.#clock.now() + ttlMs;
    const afterMaxAge = maxAgeMs === undefined ? never : bornMs + maxAgeMs;
    return Math.min(afterTtl, untilMs ?? never, afterMaxAge);
  }
}

function changed(fields: RecordFields, { set, remove }: RecordChange): RecordFields {
  const after = new Map([...fields, ...copyOf(set)]);
  for (const name of remove) after.delete(name);
  return after;
}

function holds(fields: RecordFields, { field, text }: RecordCondition): boolean {
  const value = fields.get(field);
  return value !== undefined && Buffer.from(text).equals(Buffer.from(value as Uint8Array)); // either form
}

function copyOf(fields: RecordFields): Map<string, Encoded> {
  return new Map(
    Array.from(fields, ([name, value]) => [
      name,
      typeof value === "string" ? value : new Uint8Array(value),
    ]),
  );
}
