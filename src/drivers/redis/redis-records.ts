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
import { escapeGlob } from "../../kit/glob.ts";
import {
  createRecord,
  destroyRecord,
  loadRecord,
  moveRecord,
  putRecord,
  touchRecord,
  updateFieldsOnly,
  updateRecord,
} from "./record-scripts.ts";
import type { RedisArgument, RedisCommands, ReplyForm } from "./redis-commands.ts";
import { toArgument } from "./redis-values.ts";
import { destructionReply, integerReply } from "./reply-forms.ts";
import { scanKeys } from "./scan.ts";
import { runScript, type Script } from "./scripts.ts";
import { ServerClock } from "./server-clock.ts";
import { asBytes, type ValueForm, ValueForms } from "./value-forms.ts";

/** Records as hashes in one Redis. */
export class RedisRecords implements RecordStore {
  readonly #redis: RedisCommands;
  readonly #forms = new ValueForms();
  readonly #clock = new ServerClock();

  constructor(redis: RedisCommands) {
    this.#redis = redis;
  }

  /** One round trip; where what came is no text, which is learned for a thousand loads, another. */
  async load(key: string): Promise<StoredRecord | undefined> {
    const fields = await this.#fieldsOf(key, this.#forms.form);
    const isUnclear = this.#forms.learn(fields) !== undefined;
    return toRecord(isUnclear ? await this.#fieldsOf(key, asBytes) : fields, this.#clock.now());
  }

  async create(key: string, fields: RecordFields, lifetime: RecordLifetime): Promise<boolean> {
    return this.#write(createRecord, key, { change: whole(fields), lifetime });
  }

  async update(key: string, change: RecordChange, lifetime?: RecordLifetime): Promise<boolean> {
    if (lifetime) return this.#write(updateRecord, key, { change, lifetime });
    const call = { keys: [key], args: changeArguments(change), form: integerReply };
    return (await runScript(this.#redis, updateFieldsOnly, call)) === 1;
  }

  async put(key: string, fields: RecordFields, lifetime: RecordLifetime): Promise<void> {
    await this.#write(putRecord, key, { change: whole(fields), lifetime });
  }

  async touch(key: string, lifetime: RecordLifetime): Promise<boolean> {
    const call = { keys: [key], args: lifetimeArguments(lifetime), form: integerReply };
    return (await runScript(this.#redis, touchRecord, call)) === 1;
  }

  async move({ from, to, change, lifetime, rememberMs }: RecordMove): Promise<boolean> {
    const args = [String(rememberMs), ...lifetimeArguments(lifetime), ...changeArguments(change)];
    const call = { keys: [from, to], args, form: integerReply };
    return (await runScript(this.#redis, moveRecord, call)) === 1;
  }

  async destroy(key: string, condition?: RecordCondition): Promise<Destruction> {
    const args = condition ? [condition.field, condition.text] : [];
    const call = { keys: [key], args, form: destructionReply };
    const [destroyed, movedTo] = (await runScript(this.#redis, destroyRecord, call)) as [
      number,
      string,
    ]; // the form saw to that
    return { destroyed: destroyed === 1, ...(movedTo && { movedTo }) };
  }

  async *keys(prefix: string, rules: ScanRules): AsyncIterable<readonly string[]> {
    const batches = scanKeys(this.#redis, `${escapeGlob(prefix)}*`, rules);
    for await (const batch of batches) yield batch.filter((key) => key.startsWith(prefix));
  }

  /** The server's time comes with it where that is not known. */
  #fieldsOf(key: string, form: ValueForm): Promise<FieldList> {
    if (!this.#clock.isKnown) return this.#timedFieldsOf(key, form.timedFields);
    return this.#redis.send(["HGETALL", key], form.fields) as Promise<FieldList>; // the form sees to that
  }

  async #timedFieldsOf(key: string, form: ReplyForm): Promise<FieldList> {
    const told = this.#clock.ask();
    const reply = await runScript(this.#redis, loadRecord, { keys: [key], args: [], form });
    const [nowMs, fields] = reply as readonly [number, FieldList]; // the form saw to that
    told(nowMs);
    return fields;
  }

  async #write(
    script: Script,
    key: string,
    { change, lifetime }: Pick<RecordMove, "change" | "lifetime">,
  ): Promise<boolean> {
    const args = [...lifetimeArguments(lifetime), ...changeArguments(change)];
    const call = { keys: [key], args, form: integerReply };
    return (await runScript(this.#redis, script, call)) === 1;
  }
}

/** Fields and values by turns. */
type FieldList = readonly string[] | readonly Buffer[];

function toRecord(list: FieldList, nowMs: number): StoredRecord | undefined {
  const fields = new Map<string, Encoded>();
  let [bornMs, endsMs] = [Number.NaN, Number.NaN];
  for (let at = 0; at + 1 < list.length; at += 2) {
    const [name, value = ""] = [String(list[at]), list[at + 1]];
    if (!name.startsWith("#")) fields.set(name, value);
    else if (name === "#born") bornMs = Number(value);
    else if (name === "#ends") endsMs = Number(value);
  }
  if (Number.isNaN(bornMs) || Number.isNaN(endsMs)) return undefined;
  const [remainingMs, ageMs] = [Math.floor(endsMs - nowMs), Math.floor(nowMs - bornMs)];
  return { fields, remainingMs: Math.max(1, remainingMs), ageMs: Math.max(0, ageMs) };
}

function whole(fields: RecordFields): RecordChange {
  return { set: fields, remove: [] };
}

function changeArguments({ set, remove }: RecordChange): RedisArgument[] {
  const args: RedisArgument[] = [String(set.size)];
  for (const [name, value] of set) args.push(name, toArgument(value));
  return args.concat(remove);
}

function lifetimeArguments({ ttlMs, untilMs, maxAgeMs }: RecordLifetime): string[] {
  return [ttlMs, untilMs, maxAgeMs].map((ms) => (ms === undefined ? "" : String(ms)));
}
