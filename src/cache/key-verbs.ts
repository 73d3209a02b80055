import { requireWhole } from "../checks/require.ts";
import type { IncrOptions, KeyOptions, SetOptions } from "../contracts/cache.ts";
import { CacheMissError } from "../contracts/errors.ts";
import type { Lifetime } from "../contracts/store.ts";
import type { KeyBuilder } from "../keys/key-builder.ts";
import type { Clock } from "../kit/clock.ts";
import type { Calls } from "./calls/calls.ts";
import { operations } from "./calls/tracing.ts";
import { checkCallOptions, type Operation } from "./options/call-options.ts";
import { resolveCountRules, toCount } from "./options/counters.ts";
import { refuseUndefined, resolveWritePlan, type WritePlan } from "./options/write-rules.ts";
import type { InFlightLoads } from "./read-through/in-flight-loads.ts";
import { isOver } from "./values/lifetimes.ts";
import { absent, type Values } from "./values/values.ts";

/** Which method was called, with which key and options. */
export interface KeyCall<Options extends KeyOptions = KeyOptions> {
  readonly operation: Operation;
  readonly key: string;
  readonly options: Options | undefined;
}

/** What {@link KeyVerbs} are made of. */
export interface KeyVerbParts {
  readonly keys: KeyBuilder;
  readonly values: Values;
  readonly calls: Calls;
  readonly inFlight: InFlightLoads;
  /** The lifetime of a write that names none. */
  readonly lifetime: Lifetime;
  /** By which a moment is past. */
  readonly clock: Clock;
}

/** What can be done to one key. */
export class KeyVerbs {
  readonly #keys: KeyBuilder;
  readonly #values: Values;
  readonly #calls: Calls;
  readonly #inFlight: InFlightLoads;
  readonly #lifetime: Lifetime;
  readonly #clock: Clock;
  /** The plan of a write without options. */
  readonly #usual: WritePlan;

  constructor({ keys, values, calls, inFlight, lifetime, clock }: KeyVerbParts) {
    this.#keys = keys;
    this.#values = values;
    this.#calls = calls;
    this.#inFlight = inFlight;
    this.#lifetime = lifetime;
    this.#clock = clock;
    this.#usual = resolveWritePlan({}, lifetime);
  }

  /** Returns the stored key of a call, its options checked. */
  stored({ operation, key, options }: KeyCall): string {
    if (options === undefined) return this.#keys.stored(key);
    checkCallOptions(operation, options);
    return this.#keys.stored(key, options.version);
  }

  /** Returns the value, or `fallback` where nothing lives. The most travelled way of all: one promise. */
  read(call: KeyCall, fallback: unknown): Promise<unknown> {
    if (operations.hasSubscribers) return this.#calls.trace(call, () => this.#read(call, fallback));
    return this.#read(call, fallback);
  }

  /** Returns the value and removes it. */
  async take(call: KeyCall): Promise<unknown> {
    const storedKey = this.#storedToWrite(call);
    const value = await this.#calls.run(call, absent, () => this.#values.take(storedKey));
    if (value === absent) {
      this.#calls.missed(call.key);
      return undefined;
    }
    this.#calls.hit(call.key);
    this.#calls.deleted(call.key);
    return value;
  }

  /** Writes as the options say; `more` are options that the method itself stands for. */
  write(call: KeyCall<SetOptions>, value: unknown, more?: SetOptions): Promise<boolean> {
    if (!operations.hasSubscribers) return this.#write(call, value, more);
    return this.#calls.trace(call, () => this.#write(call, value, more));
  }

  async has(call: KeyCall): Promise<boolean> {
    const storedKey = this.stored(call);
    return this.#calls.run(call, false, () => this.#values.has(storedKey));
  }

  async delete(call: KeyCall): Promise<boolean> {
    const storedKey = this.#storedToWrite(call);
    const existed = await this.#calls.run(call, false, () => this.#values.delete(storedKey));
    if (existed) this.#calls.deleted(call.key);
    return existed;
  }

  async count(call: KeyCall<IncrOptions>, delta: bigint): Promise<number | bigint> {
    const storedKey = this.stored(call);
    const rules = resolveCountRules(call.options ?? {}, this.#lifetime);
    this.#supersede(storedKey);
    const count = () => this.#values.count(storedKey, delta, rules);
    const sum = await this.#calls.run(call, undefined, count);
    if (sum === undefined) return 0;
    const total = toCount(call.key, sum);
    this.#calls.wrote(call.key);
    return total;
  }

  /** Moves the value by `delta` versions. Returns the version it then has. */
  async move(call: KeyCall, delta: number): Promise<number> {
    const from = this.stored(call);
    const version = requireWhole("version", this.#keys.versionOr(call.options?.version) + delta);
    const to = this.#keys.stored(call.key, version);
    this.#supersede(from);
    this.#supersede(to);
    const moved = await this.#calls.run(call, undefined, () => this.#values.rename(from, to));
    if (moved === undefined) return 0;
    if (!moved) throw new CacheMissError(call);
    return version;
  }

  /** Gives the key a lifetime from now. Returns whether it existed; one that is over removes it. */
  async expire(call: KeyCall, lifetime: Lifetime): Promise<boolean> {
    const end = (storedKey: string) => this.#values.expire(storedKey, lifetime);
    return this.#end(call, end, isOver(lifetime));
  }

  /** Ends the key at a moment. Returns whether it existed; one that has passed removes it. */
  async expireAt(call: KeyCall, unixMs: number): Promise<boolean> {
    const end = (storedKey: string) => this.#values.expireAt(storedKey, unixMs);
    return this.#end(call, end, unixMs <= this.#clock.now());
  }

  async persist(call: KeyCall): Promise<boolean> {
    const storedKey = this.stored(call);
    return this.#calls.run(call, false, () => this.#values.persist(storedKey));
  }

  /** Returns the milliseconds left: 0 when absent, `null` when it never expires. */
  async remainingMs(call: KeyCall): Promise<number | null> {
    const storedKey = this.stored(call);
    return this.#calls.run(call, 0, () => this.#values.remainingMs(storedKey));
  }

  #read(call: KeyCall, fallback: unknown): Promise<unknown> {
    try {
      const { key, options } = call;
      const storedKey = options === undefined ? this.#keys.stored(key) : this.stored(call);
      return this.#values.read(storedKey, this.#calls.read(call, fallback));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #write(call: KeyCall<SetOptions>, value: unknown, more?: SetOptions): Promise<boolean> {
    const calls = this.#calls;
    const { key, options } = call;
    const storedKey = this.stored(call);
    if (value === undefined) refuseUndefined(key);
    const isUsual = options === undefined && more === undefined;
    const plan = isUsual ? this.#usual : resolveWritePlan({ ...options, ...more }, this.#lifetime);
    this.#supersede(storedKey);
    calls.begin();
    let written: boolean;
    try {
      written = plan.isEnded
        ? await this.#values.writeEnded(storedKey, value, plan.rules)
        : await this.#values.write(storedKey, value, plan.rules);
    } catch (error) {
      written = calls.recover(call, false, error);
    } finally {
      calls.end();
    }
    if (!written) return false;
    if (plan.change === "write") calls.wrote(key);
    if (plan.change === "delete") calls.deleted(key);
    return true;
  }

  async #end(
    call: KeyCall,
    end: (storedKey: string) => Promise<boolean>,
    isRemoval: boolean,
  ): Promise<boolean> {
    const storedKey = this.stored(call);
    if (isRemoval) this.#supersede(storedKey);
    const existed = await this.#calls.run(call, false, () => end(storedKey));
    if (existed && isRemoval) this.#calls.deleted(call.key);
    return existed;
  }

  #storedToWrite(call: KeyCall): string {
    const storedKey = this.stored(call);
    this.#supersede(storedKey);
    return storedKey;
  }

  /** A write supersedes the loads of its key: what they bring is older. */
  #supersede(storedKey: string): void {
    if (this.#inFlight.tally.running > 0) this.#inFlight.supersede(storedKey);
  }
}
