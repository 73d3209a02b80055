import type {
  Destruction,
  RecordChange,
  RecordCondition,
  RecordFields,
  RecordLifetime,
  RecordMove,
  RecordStore,
  StoredRecord,
} from "../../../contracts/records.ts";
import type { Encoded } from "../../../contracts/serializer.ts";
import type { ScanRules } from "../../../contracts/store.ts";
import { escapeGlob } from "../../../kit/glob.ts";
import { type RedisArgument, toArgument } from "../commands/command.ts";
import type { ServerCommands } from "../commands/command-sender.ts";
import {
  destructionReply,
  type FieldList,
  type FieldReplies,
  fieldsAsBytes,
  fieldsAsText,
  fieldsCommand,
} from "../commands/record-commands.ts";
import { yesOrNoReply } from "../commands/reply-types.ts";
import { runScript, type Script } from "../commands/script.ts";
import { ReplyEncoding } from "../reading/reply-encoding.ts";
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
import { scanKeys } from "./scan-keys.ts";

/** Records as hashes in one Redis. */
export class RedisRecords implements RecordStore {
  readonly #redis: ServerCommands;
  readonly #encoding = new ReplyEncoding();

  constructor(redis: ServerCommands) {
    this.#redis = redis;
  }

  /** One round trip. A record that is not text takes another one; after it, a thousand loads ask for bytes at once. */
  async load(key: string): Promise<StoredRecord | undefined> {
    const fields = await this.#read(key, this.#encoding.isText ? fieldsAsText : fieldsAsBytes);
    const isUnclear = this.#encoding.learn(fields.list) !== undefined;
    return toRecord(isUnclear ? await this.#read(key, fieldsAsBytes) : fields);
  }

  async create(key: string, fields: RecordFields, lifetime: RecordLifetime): Promise<boolean> {
    return this.#write(createRecord, key, { change: whole(fields), lifetime });
  }

  async update(key: string, change: RecordChange, lifetime?: RecordLifetime): Promise<boolean> {
    if (lifetime) return this.#write(updateRecord, key, { change, lifetime });
    const call = { keys: [key], args: changeArguments(change), reply: yesOrNoReply };
    return runScript(this.#redis, updateFieldsOnly, call);
  }

  async put(key: string, fields: RecordFields, lifetime: RecordLifetime): Promise<void> {
    await this.#write(putRecord, key, { change: whole(fields), lifetime });
  }

  async touch(key: string, lifetime: RecordLifetime): Promise<boolean> {
    const call = { keys: [key], args: lifetimeArguments(lifetime), reply: yesOrNoReply };
    return runScript(this.#redis, touchRecord, call);
  }

  async move({ from, to, change, lifetime, rememberMs }: RecordMove): Promise<boolean> {
    const args = [String(rememberMs), ...lifetimeArguments(lifetime), ...changeArguments(change)];
    const call = { keys: [from, to], args, reply: yesOrNoReply };
    return runScript(this.#redis, moveRecord, call);
  }

  async destroy(key: string, condition?: RecordCondition): Promise<Destruction> {
    const args = condition ? [condition.field, condition.text] : [];
    const call = { keys: [key], args, reply: destructionReply };
    const [destroyed, movedTo] = await runScript(this.#redis, destroyRecord, call);
    return { destroyed, ...(movedTo && { movedTo }) };
  }

  async *keys(prefix: string, rules: ScanRules): AsyncIterable<readonly string[]> {
    const batches = scanKeys(this.#redis, `${escapeGlob(prefix)}*`, rules);
    for await (const batch of batches) yield batch.filter((key) => key.startsWith(prefix));
  }

  /** Where the server's clock is not known, its time comes with the fields. */
  async #read(key: string, replies: FieldReplies): Promise<ReadFields> {
    const command = fieldsCommand(key, replies);
    const clock = this.#redis.connectionFor(command)?.clock;
    if (!clock?.isKnown) return this.#readTimed(key, replies);
    const list = await this.#redis.send(command);
    const isSameServer = clock === this.#redis.connectionFor(command)?.clock;
    return isSameServer ? { list, nowMs: clock.now() } : this.#readTimed(key, replies);
  }

  async #readTimed(key: string, { timedFields }: FieldReplies): Promise<ReadFields> {
    const command = fieldsCommand(key, fieldsAsText);
    const told = this.#redis.connectionFor(command)?.clock.ask();
    const call = { keys: [key], args: [], reply: timedFields };
    const { nowMs, fields } = await runScript(this.#redis, loadRecord, call);
    told?.(nowMs);
    return { list: fields, nowMs };
  }

  async #write(
    script: Script,
    key: string,
    { change, lifetime }: Pick<RecordMove, "change" | "lifetime">,
  ): Promise<boolean> {
    const args = [...lifetimeArguments(lifetime), ...changeArguments(change)];
    const call = { keys: [key], args, reply: yesOrNoReply };
    return runScript(this.#redis, script, call);
  }
}

/** The fields of a record, and the server's time when it read them. */
interface ReadFields {
  readonly list: FieldList;
  readonly nowMs: number;
}

function toRecord({ list, nowMs }: ReadFields): StoredRecord | undefined {
  const fields = new Map<string, Encoded>();
  let [bornMs, endsMs] = [Number.NaN, Number.NaN];
  for (let at = 0; at + 1 < list.length; at += 2) {
    const [name, value = ""] = [String(list[at]), list[at + 1]];
    if (!name.startsWith("#")) fields.set(name, value);
    else if (name === "#born") bornMs = Number(value);
    else if (name === "#ends") endsMs = Number(value);
  }
  if (Number.isNaN(bornMs) || Number.isNaN(endsMs)) return undefined;
  const readMs = Math.max(nowMs, bornMs); // the server's clock is known to within 10 ms, and nobody reads the unborn
  const [remainingMs, ageMs] = [Math.floor(endsMs - readMs), Math.floor(readMs - bornMs)];
  return { fields, remainingMs: Math.max(1, remainingMs), ageMs };
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
