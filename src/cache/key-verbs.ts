import type { IncrOptions, KeyOptions, SetOptions } from "../contracts/cache.ts";
import { CacheMissError } from "../contracts/errors.ts";
import type { Lifetime, Store, WriteRules } from "../contracts/store.ts";
import { requireWhole } from "../kit/whole-number.ts";
import type { CacheParts } from "./cache-parts.ts";
import { checkCallOptions, type Operation } from "./options/call-options.ts";
import { resolveCountRules, toCount } from "./options/counters.ts";
import { requireValue, resolveWriteRules } from "./options/write-rules.ts";
import { isOver } from "./values/lifetimes.ts";
import { absent } from "./values/values.ts";

/** Which method was called, with which key and options. */
export interface KeyCall<Options extends KeyOptions = KeyOptions> {
  readonly operation: Operation;
  readonly key: string;
  readonly options: Options | undefined;
}

type Question = (store: Store, storedKey: string) => Promise<boolean>;

/** What can be done to one key. */
export class KeyVerbs {
  readonly #parts: CacheParts;
  /** The rules of a write without options. */
  readonly #usual: WriteRules;

  constructor(parts: CacheParts) {
    this.#parts = parts;
    this.#usual = resolveWriteRules({}, parts.foundation.lifetime);
  }

  /** Returns the stored key of a call, its options checked. */
  stored({ operation, key, options }: KeyCall): string {
    checkCallOptions(operation, options);
    return this.#parts.keys.stored(key, options?.version);
  }

  /** Returns the value, or `fallback` where nothing lives. The most travelled way of all. */
  async read(call: KeyCall, fallback: unknown): Promise<unknown> {
    const { guard, values, instrument } = this.#parts;
    const storedKey = this.stored(call);
    guard.enter();
    let value: unknown;
    try {
      const leaving = values.leaving(storedKey);
      if (leaving) await leaving;
      const shared = values.sharedReadFor(storedKey);
      const place = shared?.join(storedKey) ?? 0;
      const reply = shared ? (await shared.replies)[place] : await values.readBytes(storedKey);
      if (reply instanceof Error) throw reply;
      const decoded = values.decode(reply);
      value = decoded instanceof Promise ? await decoded : decoded; // most are there
    } catch (error) {
      value = guard.recover(call, absent, error);
    } finally {
      guard.leave();
    }
    instrument.read(call.key, value !== absent);
    return value === absent || value === undefined ? fallback : value;
  }

  /** Returns the value and removes it. */
  async take(call: KeyCall): Promise<unknown> {
    const { values, guard, instrument } = this.#parts;
    const storedKey = this.stored(call);
    this.#parts.inFlight.supersede([storedKey]);
    const value = await guard.run(call, absent, () => values.take(storedKey));
    instrument.read(call.key, value !== absent);
    if (value === absent) return undefined;
    instrument.deleted(call.key);
    return value;
  }

  /** Writes as the options say; `more` are options that the method itself stands for. */
  async write(call: KeyCall<SetOptions>, value: unknown, more?: SetOptions): Promise<boolean> {
    const { guard, values, instrument, inFlight } = this.#parts;
    const storedKey = this.stored(call);
    requireValue(call.key, value);
    const rules = this.#writeRules(call.options, more);
    inFlight.supersedeOne(storedKey);
    guard.enter();
    let written: boolean;
    try {
      written = await values.write(storedKey, value, rules);
    } catch (error) {
      written = guard.recover(call, false, error);
    } finally {
      guard.leave();
    }
    if (written && !isOver(rules.lifetime)) instrument.wrote(call.key);
    if (written && isOver(rules.lifetime)) this.#tellOfOver(call.key, rules);
    return written;
  }

  async delete(call: KeyCall): Promise<boolean> {
    const { guard, values, instrument } = this.#parts;
    const storedKey = this.stored(call);
    this.#parts.inFlight.supersede([storedKey]);
    const existed = (await guard.run(call, 0, () => values.delete([storedKey]))) > 0;
    if (existed) instrument.deleted(call.key);
    return existed;
  }

  async count(call: KeyCall<IncrOptions>, delta: bigint): Promise<number | bigint> {
    const { guard, store, instrument, foundation, writeOrder } = this.#parts;
    const storedKey = this.stored(call);
    const rules = resolveCountRules(call.options ?? {}, foundation.lifetime);
    this.#parts.inFlight.supersede([storedKey]);
    const count = () => store.count(storedKey, delta, rules);
    const sum = await guard.run(call, undefined, () => writeOrder.after([storedKey], count));
    if (sum === undefined) return 0;
    const total = toCount(call.key, sum);
    instrument.wrote(call.key);
    return total;
  }

  /** Moves the value by `delta` versions. Returns the version it then has. */
  async move(call: KeyCall, delta: number): Promise<number> {
    const { keys, guard, store, writeOrder } = this.#parts;
    const from = this.stored(call);
    const version = requireWhole("version", keys.versionOr(call.options?.version) + delta);
    const to = keys.stored(call.key, version);
    this.#parts.inFlight.supersede([from, to]);
    const move = (): Promise<boolean> => store.rename(from, to);
    const moved = await guard.run(call, undefined, () => writeOrder.after([from, to], move));
    if (moved === undefined) return 0;
    if (!moved) throw new CacheMissError(call);
    return version;
  }

  /** Gives the key a lifetime from now. Returns whether it existed; one that is over removes it. */
  async expire(call: KeyCall, lifetime: Lifetime): Promise<boolean> {
    const ask = (store: Store, storedKey: string) => store.expire(storedKey, lifetime);
    return this.#end(call, ask, isOver(lifetime));
  }

  /** Ends the key at a moment. Returns whether it existed; one that has passed removes it. */
  async expireAt(call: KeyCall, unixMs: number): Promise<boolean> {
    const ask = (store: Store, storedKey: string) => store.expireAt(storedKey, unixMs);
    return this.#end(call, ask, unixMs <= this.#parts.foundation.clock.now());
  }

  async #end(call: KeyCall, ask: Question, isRemoval: boolean): Promise<boolean> {
    const { inFlight, instrument } = this.#parts;
    if (isRemoval) inFlight.supersede([this.stored(call)]);
    const existed = await this.ask(call, ask);
    if (existed && isRemoval) instrument.deleted(call.key);
    return existed;
  }

  /** Asks the store a question about the key that is answered with yes or no. */
  ask(call: KeyCall, question: Question): Promise<boolean> {
    const { store, guard, writeOrder } = this.#parts;
    const storedKey = this.stored(call);
    const ask = (): Promise<boolean> => question(store, storedKey);
    return guard.run(call, false, () => writeOrder.after([storedKey], ask));
  }

  /** Returns the milliseconds left: 0 when absent, `null` when it never expires. */
  remainingMs(call: KeyCall): Promise<number | null> {
    const { guard, store, writeOrder } = this.#parts;
    const storedKey = this.stored(call);
    const ask = (): Promise<number | null> => store.remainingMs(storedKey);
    return guard.run(call, 0, () => writeOrder.after([storedKey], ask));
  }

  #writeRules(options: SetOptions | undefined, more: SetOptions | undefined): WriteRules {
    if (!options && !more) return this.#usual;
    const given = options && more ? { ...options, ...more } : (options ?? more ?? {});
    return resolveWriteRules(given, this.#parts.foundation.lifetime);
  }

  /** A write whose lifetime is over deletes; unless it was to keep the key's own, or to find none. */
  #tellOfOver(key: string, { condition, keepTtl }: WriteRules): void {
    const { instrument } = this.#parts;
    if (keepTtl) instrument.wrote(key);
    else if (condition !== "absent") instrument.deleted(key);
  }
}
