import type { AddOptions, IncrOptions, SetOptions } from "../../src/index.ts";
import type { Clock } from "../../src/kit/clock.ts";
import { globMatcher } from "../../src/kit/glob.ts";

interface Entry {
  readonly value: unknown;
  readonly endsAtMs: number;
}

/** All entries, by `version:key`, and the clock they end by. */
export interface World {
  readonly entries: Map<string, Entry>;
  readonly clock: Clock;
}

class Refusal extends Error {
  constructor(name: string) {
    super(name);
    this.name = name;
  }
}

/** The part of a cache that is looked at. */
export interface View {
  /** `""` without one. */
  readonly namespace: string;
  readonly version: number;
}

/** What a cache, or a view of it, should answer: Django's semantics over a `Map`, nothing else. */
export class Model {
  readonly #world: World;
  readonly #namespace: string;
  readonly #version: number;

  constructor(world: World, namespace = "", version = 1) {
    this.#world = world;
    this.#namespace = namespace;
    this.#version = version;
  }

  view({ namespace, version }: View): Model {
    return new Model(this.#world, namespace && `${namespace}:`, version);
  }

  get(key: string, { default: spare }: { readonly default?: unknown } = {}): unknown {
    const entry = this.#find(key);
    return entry ? entry.value : spare;
  }

  getOrThrow(key: string): unknown {
    return this.#require(key).value;
  }

  getMany(keys: readonly string[]): Map<string, unknown> {
    return new Map(keys.filter((key) => this.has(key)).map((key) => [key, this.get(key)]));
  }

  has(key: string): boolean {
    return this.#find(key) !== undefined;
  }

  set(key: string, value: unknown, { nx, xx, keepTtl, ttl }: SetOptions = {}): boolean {
    if ((nx && xx) || (keepTtl && ttl !== undefined)) throw new Refusal("TypeError");
    const endsAtMs = this.#end(ttl);
    const old = this.#find(key);
    if (this.#isOver(endsAtMs)) return nx ? !old : this.delete(key);
    if (nx && old) return false;
    if (xx && !old) return false;
    this.#write(key, { value, endsAtMs: keepTtl && old ? old.endsAtMs : endsAtMs });
    return true;
  }

  add(key: string, value: unknown, options: AddOptions = {}): boolean {
    return this.set(key, value, { ...options, nx: true });
  }

  setMany(entries: Readonly<Record<string, unknown>>, options: AddOptions = {}): string[] {
    for (const [key, value] of Object.entries(entries)) this.set(key, value, options);
    return [];
  }

  delete(key: string): boolean {
    const existed = this.has(key);
    this.#world.entries.delete(this.#stored(key));
    return existed;
  }

  deleteMany(keys: readonly string[]): number {
    return keys.filter((key) => this.delete(key)).length;
  }

  take(key: string): unknown {
    const value = this.get(key);
    this.delete(key);
    return value;
  }

  incr(key: string, delta: number | bigint = 1, { ifMissing, ttl }: IncrOptions = {}): unknown {
    const old = this.#find(key);
    if (!old && ifMissing !== "create") throw new Refusal("CacheMissError");
    const sum = BigInt(old ? this.#counter(old.value) : 0) + BigInt(delta);
    if (BigInt.asIntN(64, sum) !== sum) throw new Refusal("CounterOverflowError");
    const value = Number.isSafeInteger(Number(sum)) ? Number(sum) : sum;
    this.#write(key, { value, endsAtMs: old ? old.endsAtMs : this.#end(ttl) });
    return value;
  }

  decr(key: string, delta: number | bigint = 1, options?: IncrOptions): unknown {
    return this.incr(key, -BigInt(delta), options);
  }

  touch(key: string, ttl?: Ttl): boolean {
    return this.#endAt(key, this.#end(ttl));
  }

  expire(key: string, ttl: Ttl): boolean {
    return this.#endAt(key, this.#end(ttl));
  }

  pexpire(key: string, ms: number): boolean {
    return this.#endAt(key, this.#world.clock.now() + ms);
  }

  expireAt(key: string, when: Date): boolean {
    return this.#endAt(key, when.getTime());
  }

  persist(key: string): boolean {
    const isMortal = (this.#find(key)?.endsAtMs ?? Infinity) !== Infinity;
    return isMortal && this.#endAt(key, Infinity);
  }

  pttl(key: string): number | null {
    const entry = this.#find(key);
    if (!entry) return 0;
    return entry.endsAtMs === Infinity ? null : entry.endsAtMs - this.#world.clock.now();
  }

  ttl(key: string): number | null {
    const ms = this.pttl(key);
    return ms === null ? null : Math.ceil(ms / 1_000);
  }

  incrVersion(key: string, delta = 1): number {
    const entry = this.#require(key);
    this.delete(key);
    const version = this.#version + delta;
    new Model(this.#world, this.#namespace, version).#write(key, entry);
    return version;
  }

  decrVersion(key: string, delta = 1): number {
    return this.incrVersion(key, -delta);
  }

  keys(pattern: string): string[] {
    return this.#own(this.#version).filter(globMatcher(pattern));
  }

  deletePattern(pattern: string): number {
    return this.deleteMany(this.keys(pattern));
  }

  clear(): number {
    const versions = new Set(
      [...this.#world.entries.keys()].map((stored) => parse(stored).version),
    );
    const counts = Array.from(versions, (version) => {
      return new Model(this.#world, this.#namespace, version).deletePattern("*");
    });
    return counts.reduce((sum, count) => sum + count, 0);
  }

  getOrSet(key: string, value: unknown, { ttl }: AddOptions = {}): unknown {
    if (this.has(key)) return this.get(key);
    this.set(key, value, { ...(ttl !== undefined && { ttl }) });
    return value;
  }

  getOrSetMany(keys: readonly string[], load: Loader): Map<string, unknown> {
    const missing = [...new Set(keys)].filter((key) => !this.has(key));
    this.setMany(Object.fromEntries(load(missing)));
    return this.getMany(keys);
  }

  /** Lets what has ended go. */
  #find(key: string): Entry | undefined {
    const entry = this.#world.entries.get(this.#stored(key));
    if (!entry || !this.#isOver(entry.endsAtMs)) return entry;
    this.#world.entries.delete(this.#stored(key));
    return undefined;
  }

  #require(key: string): Entry {
    const entry = this.#find(key);
    if (!entry) throw new Refusal("CacheMissError");
    return entry;
  }

  #write(key: string, entry: Entry): void {
    this.#world.entries.set(this.#stored(key), entry);
  }

  #endAt(key: string, endsAtMs: number): boolean {
    const entry = this.#find(key);
    if (entry) this.#write(key, { ...entry, endsAtMs });
    return entry !== undefined;
  }

  #end(ttl: Ttl | undefined): number {
    if (ttl === null) return Infinity;
    return this.#world.clock.now() + Number(ttl ?? 300) * 1_000;
  }

  #isOver(endsAtMs: number): boolean {
    return endsAtMs <= this.#world.clock.now();
  }

  #counter(value: unknown): number | bigint {
    if (Number.isSafeInteger(value)) return value as number; // just checked
    const isBig = typeof value === "bigint" && !Number.isSafeInteger(Number(value));
    if (!isBig) throw new Refusal("NotAnIntegerError");
    if (BigInt.asIntN(64, value) !== value) throw new Refusal("CounterOverflowError");
    return value;
  }

  #own(version: number): string[] {
    return [...this.#world.entries.keys()]
      .map(parse)
      .filter((stored) => stored.version === version && stored.key.startsWith(this.#namespace))
      .map(({ key }) => key.slice(this.#namespace.length))
      .filter((key) => key !== "" && this.has(key));
  }

  #stored(key: string): string {
    return `${this.#version}:${this.#namespace}${key}`;
  }
}

type Loader = (missing: readonly string[]) => Iterable<readonly [string, unknown]>;
type Ttl = Exclude<AddOptions["ttl"], undefined>;

function parse(stored: string): { version: number; key: string } {
  const at = stored.indexOf(":");
  return { version: Number(stored.slice(0, at)), key: stored.slice(at + 1) };
}
