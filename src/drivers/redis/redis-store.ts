import { ServerRefusedError } from "../../contracts/errors.ts";
import type { Encoded } from "../../contracts/serializer.ts";
import type {
  CountFailure,
  CountRules,
  Deletion,
  Lifetime,
  ReadReply,
  ScanRules,
  SharedReads,
  Store,
  WriteEntry,
  WriteRules,
} from "../../contracts/store.ts";
import { batchesOf } from "../../kit/batches.ts";
import { ReadBatcher } from "./read-batcher.ts";
import type { RedisArgument, RedisCommands, ReservableCommands } from "./redis-commands.ts";
import { toArgument } from "./redis-values.ts";
import {
  bytesReply,
  digitsOrWordReply,
  integerReply,
  pongReply,
  statusReply,
} from "./reply-forms.ts";
import { scanKeys } from "./scan.ts";
import { count, persistExisting, runScript, setKeepingTtl } from "./scripts.ts";
import { asBytes, toStored, type ValueForm, ValueForms, withReplaced } from "./value-forms.ts";

/** How many keys go into one command. More would hold up the server's other clients. */
const keysPerCommand = 250;

/** How many such commands of one call go at once: each has the whole `commandTimeout` for its answer. */
const keyCommandsAtOnce = 4;

/** The same for commands of one key. */
const writesAtOnce = 1_000;

/** Values in one Redis, 6.2 or newer, or Valkey. */
export class RedisStore implements Store {
  readonly name = "redis";
  readonly #redis: RedisCommands;
  readonly #forms = new ValueForms();
  readonly #reads: ReadBatcher | undefined;

  /** @param rules `coalesce`: whether reads of one turn of the event loop travel together */
  constructor(redis: ReservableCommands, { coalesce }: { readonly coalesce: boolean }) {
    this.#reads = coalesce ? new ReadBatcher(redis, this.#forms) : undefined;
    this.#redis = this.#reads ?? redis;
  }

  async get(key: string): Promise<Encoded | undefined> {
    const reads = this.#reads;
    return reads
      ? replyFrom(reads, key)
      : toStored(await this.#redis.send(["GET", key], bytesReply));
  }

  get sharedReads(): SharedReads | undefined {
    return this.#reads;
  }

  async getMany(keys: readonly string[]): Promise<readonly ReadReply[]> {
    const replies = await this.#askMany(keys, this.#forms.form);
    const unclear = this.#forms.learn(replies);
    if (!unclear) return replies;
    const asked = keys.filter((_, place) => unclear.has(place));
    return withReplaced(replies, unclear, await this.#askMany(asked, asBytes)) as typeof replies;
  }

  async set(key: string, bytes: Encoded, rules: WriteRules): Promise<boolean> {
    const reply =
      rules.keepTtl && rules.condition === undefined
        ? await this.#setKeepingTtl(key, bytes, rules.lifetime)
        : await this.#redis.send(setCommand(key, bytes, rules), statusReply);
    return reply !== null;
  }

  async setMany(entries: readonly WriteEntry[]): Promise<readonly boolean[]> {
    const commands = entries.map(({ key, bytes, rules }) => setCommand(key, bytes, rules));
    const replies = await this.#redis.sendMany(commands, statusReply, { atOnce: writesAtOnce });
    return replies.map((reply) => reply !== null);
  }

  async take(key: string): Promise<Encoded | undefined> {
    return toStored(await this.#redis.send(["GETDEL", key], bytesReply));
  }

  async has(key: string): Promise<boolean> {
    return (await this.#redis.send(["EXISTS", key], integerReply)) === 1;
  }

  async delete(keys: readonly string[]): Promise<Deletion> {
    const commands = commandsOver("UNLINK", keys);
    const replies = await this.#redis.sendMany(commands, integerReply, {
      atOnce: keyCommandsAtOnce,
    });
    const deleted = replies.reduce<number>((sum, reply) => sum + Number(reply), 0);
    return { deleted, failed: new Map() };
  }

  async count(key: string, delta: bigint, rules: CountRules): Promise<bigint | CountFailure> {
    if (BigInt.asIntN(64, delta) !== delta) return "overflow"; // nothing that INCRBY can add
    const lifetime = rules.createWith === undefined ? "none" : toText(rules.createWith);
    const args = [String(delta), lifetime];
    const reply = await runScript(this.#redis, count, { keys: [key], args, form: countReply });
    return isCountFailure(reply) ? reply : BigInt(String(reply));
  }

  async expire(key: string, lifetime: Lifetime): Promise<boolean> {
    const reply =
      lifetime === "forever"
        ? await runScript(this.#redis, persistExisting, {
            keys: [key],
            args: [],
            form: integerReply,
          })
        : await this.#redis.send(["PEXPIRE", key, toText(lifetime)], integerReply);
    return reply === 1;
  }

  async expireAt(key: string, unixMs: number): Promise<boolean> {
    return (await this.#redis.send(["PEXPIREAT", key, String(unixMs)], integerReply)) === 1;
  }

  async persist(key: string): Promise<boolean> {
    return (await this.#redis.send(["PERSIST", key], integerReply)) === 1;
  }

  async remainingMs(key: string): Promise<number | null> {
    const reply = Number(await this.#redis.send(["PTTL", key], integerReply));
    if (reply === -1) return null;
    return reply === -2 ? 0 : Math.max(1, reply);
  }

  async rename(from: string, to: string): Promise<boolean> {
    try {
      await this.#redis.send(["RENAME", from, to], statusReply);
      return true;
    } catch (error) {
      if (isNoSuchKey(error)) return false;
      throw error;
    }
  }

  scan(pattern: string, rules: ScanRules): AsyncIterable<readonly string[]> {
    return scanKeys(this.#redis, pattern, rules);
  }

  async flush(): Promise<void> {
    await this.#redis.send(["FLUSHDB"], statusReply);
  }

  async ping(): Promise<void> {
    await this.#redis.send(["PING"], pongReply);
  }

  async #askMany(keys: readonly string[], { perKey }: ValueForm): Promise<(Encoded | undefined)[]> {
    const commands = commandsOver("MGET", keys);
    const replies = await this.#redis.sendMany(commands, perKey, { atOnce: keyCommandsAtOnce });
    const values = replies.length === 1 ? toList(replies[0]) : replies.flatMap(toList);
    return values.map(toStored);
  }

  #setKeepingTtl(key: string, bytes: Encoded, lifetime: Lifetime): Promise<unknown> {
    const args = [toArgument(bytes), toText(lifetime)];
    return runScript(this.#redis, setKeepingTtl, { keys: [key], args, form: statusReply });
  }
}

async function replyFrom(reads: SharedReads, key: string): Promise<Encoded | undefined> {
  const { replies, place } = reads.join(key);
  const reply = (await replies)[place];
  if (reply instanceof Error) throw reply;
  return reply;
}

/** Returns as few commands as the number of keys allows. */
function commandsOver(name: string, keys: readonly string[]): string[][] {
  return batchesOf(keys, keysPerCommand).map((chunk) => [name].concat(chunk));
}

function setCommand(key: string, bytes: Encoded, rules: WriteRules): RedisArgument[] {
  const { lifetime, condition, keepTtl } = rules;
  const isUsual = condition === undefined && !keepTtl && lifetime !== "forever";
  return isUsual
    ? ["SET", key, toArgument(bytes), "PX", String(lifetime.ttlMs)]
    : ["SET", key, toArgument(bytes), ...writeFlags(rules)];
}

function toList(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : [];
}

function toText(lifetime: Lifetime): string {
  return lifetime === "forever" ? lifetime : String(lifetime.ttlMs);
}

function lifetimeFlags(lifetime: Lifetime): string[] {
  return lifetime === "forever" ? [] : ["PX", String(lifetime.ttlMs)];
}

function writeFlags({ condition, keepTtl, lifetime }: WriteRules): string[] {
  if (condition === "absent") return ["NX", ...lifetimeFlags(lifetime)];
  const flags = keepTtl ? ["KEEPTTL"] : lifetimeFlags(lifetime);
  return condition === "present" ? ["XX", ...flags] : flags;
}

const countFailures: readonly CountFailure[] = ["absent", "not-an-integer", "overflow"];
const countReply = digitsOrWordReply(countFailures);

function isCountFailure(reply: unknown): reply is CountFailure {
  return countFailures.some((failure) => failure === reply);
}

function isNoSuchKey(error: unknown): boolean {
  if (!(error instanceof ServerRefusedError)) return false;
  return error.cause instanceof Error && error.cause.message.includes("no such key");
}
