import { isDeepStrictEqual } from "node:util";
import { toJson } from "../../codec/serializers/json.ts";
import {
  DecodeError,
  SessionInterruptedError,
  ValueTooLargeError,
  WrongTypeError,
} from "../../contracts/errors.ts";
import type { Encoded } from "../../contracts/serializer.ts";
import type { SessionBackend } from "../../contracts/session-backend.ts";
import type {
  FoundSession,
  SessionBase,
  SessionData,
  SessionStore,
  SessionWriting,
} from "../../contracts/session-store.ts";
import { batchesOf, mapInBatches } from "../../kit/batches.ts";
import { escapeGlob } from "../../kit/glob.ts";
import { isPlainObject } from "../../kit/plain-data.ts";
import { calls } from "../session-calls.ts";
import { SessionEnd } from "../session-end.ts";
import { keepUnchanged } from "./keep-unchanged.ts";

/** A session as the store read or wrote it. */
class JsonSessionBase implements SessionBase {
  readonly id: string;
  /** The stored form. */
  readonly json: string;
  readonly end: SessionEnd;

  constructor(id: string, json: string, end: SessionEnd) {
    this.id = id;
    this.json = json;
    this.end = end;
  }
}

/** How many sessions a call reads in parallel, or removes by one command. */
const sessionsAtOnce = 500;

/**
 * Sessions in the layout of connect-redis: one JSON text each, under the prefix and the id. Of two
 * parallel requests the last to save wins; a destroyed session stays destroyed.
 */
export class JsonSessionStore implements SessionStore {
  readonly #backend: SessionBackend;
  readonly #prefix: string;
  readonly #maxBytes: number | undefined;

  constructor(backend: SessionBackend, prefix: string, maxBytes: number | undefined) {
    this.#backend = backend;
    this.#prefix = prefix;
    this.#maxBytes = maxBytes;
  }

  /** Sends two commands together: the JSON does not say how long the session lives. */
  async get(id: string): Promise<FoundSession | undefined> {
    const { store } = this.#backend;
    const key = this.#prefix + id;
    try {
      const [stored, remainingMs] = await this.#backend.run(calls.load, () =>
        Promise.all([store.get(key), store.remainingMs(key)]),
      );
      return this.#found(id, stored, remainingMs ?? Number.POSITIVE_INFINITY);
    } catch (error) {
      if (error instanceof WrongTypeError) return undefined; // `run` has emitted it
      throw error;
    }
  }

  async set(id: string, data: SessionData, writing: SessionWriting): Promise<SessionBase> {
    const { lifetimeMs } = writing;
    const base = baseOf(id, writing);
    const json = toJson(data);
    this.#requireFit(json);
    if (base && isSame(base.json, json)) return this.#unchanged(base, writing);
    if (!(await this.#move(base, lifetimeMs, () => this.#write(id, json, writing))))
      throw new SessionInterruptedError();
    return new JsonSessionBase(id, json, base?.end ?? this.#endAfter(lifetimeMs));
  }

  async touch(id: string, writing: SessionWriting): Promise<boolean> {
    if (!this.needsTouch(id, writing)) return true;
    const { lifetimeMs } = writing;
    const touch = (): Promise<boolean> =>
      this.#backend.store.expire(this.#prefix + id, { ttlMs: lifetimeMs });
    return this.#move(baseOf(id, writing), lifetimeMs, () => this.#backend.run(calls.touch, touch));
  }

  needsTouch(id: string, writing: SessionWriting): boolean {
    const base = baseOf(id, writing);
    return !base || base.end.isWorthMoving(writing.lifetimeMs);
  }

  async destroy(id: string): Promise<void> {
    await this.#backend.run(calls.destroy, () => this.#backend.store.delete([this.#prefix + id]));
  }

  async all(): Promise<FoundSession[]> {
    const ids = [...(await this.#ids())];
    const found = await mapInBatches(ids, sessionsAtOnce, (id) => this.get(id));
    return found.filter((session) => session !== undefined);
  }

  async count(): Promise<number> {
    return (await this.#ids()).size;
  }

  async clear(): Promise<void> {
    for (const ids of batchesOf([...(await this.#ids())], sessionsAtOnce)) {
      const keys = ids.map((id) => this.#prefix + id);
      await this.#backend.run(calls.clear, () => this.#backend.store.delete(keys));
    }
  }

  async #unchanged(base: SessionBase, writing: SessionWriting): Promise<SessionBase> {
    await keepUnchanged(writing, () => this.touch(base.id, writing));
    return base;
  }

  /** Returns whether the session was written. Where the request has read it, it must still exist. */
  async #write(id: string, json: string, writing: SessionWriting): Promise<boolean> {
    const { lifetimeMs } = writing;
    if (lifetimeMs <= 0) {
      await this.destroy(id);
      return true;
    }
    const condition = baseOf(id, writing) ? "present" : undefined;
    const rules = { lifetime: { ttlMs: lifetimeMs }, condition } as const;
    return this.#backend.run(calls.save, () =>
      this.#backend.store.set(this.#prefix + id, json, rules),
    );
  }

  /** Runs a task that gives a session a lifetime, and moves the end that `base` knows. */
  #move(
    base: JsonSessionBase | undefined,
    lifetimeMs: number,
    task: () => Promise<boolean>,
  ): Promise<boolean> {
    return base ? base.end.move(lifetimeMs, task) : task();
  }

  async #ids(): Promise<Set<string>> {
    const { store, scanCount } = this.#backend;
    const steps = store.scan(`${escapeGlob(this.#prefix)}*`, { count: scanCount });
    const walk = steps[Symbol.asyncIterator]();
    const ids = new Set<string>();
    for (;;) {
      const step = await this.#backend.run(calls.list, () => walk.next());
      if (step.done) return ids;
      const own = step.value.filter((key) => key.startsWith(this.#prefix));
      for (const key of own) ids.add(key.slice(this.#prefix.length));
    }
  }

  #found(id: string, stored: Encoded | undefined, remainingMs: number): FoundSession | undefined {
    if (stored === undefined || remainingMs <= 0) return undefined;
    const json = Buffer.from(stored as Uint8Array).toString(); // text or bytes
    const data = this.#parse(json);
    if (!data) return undefined;
    return { data, remainingMs, base: new JsonSessionBase(id, json, this.#endAfter(remainingMs)) };
  }

  #parse(json: string): Record<string, unknown> | undefined {
    try {
      return parseSession(json);
    } catch (cause) {
      const reason = "it is no session in JSON";
      this.#backend.reportIgnored(calls.load, new DecodeError(reason, { cause }));
      return undefined;
    }
  }

  #endAfter(remainingMs: number): SessionEnd {
    return new SessionEnd(this.#backend.clock, remainingMs);
  }

  #requireFit(json: string): void {
    const sizeBytes = Buffer.byteLength(json);
    if (this.#maxBytes === undefined || sizeBytes <= this.#maxBytes) return;
    throw new ValueTooLargeError(this.#maxBytes, sizeBytes, {
      what: "session",
      option: "maxBytes",
    });
  }
}

/** Returns the base of a write if it is this session's. */
function baseOf(id: string, { base }: SessionWriting): JsonSessionBase | undefined {
  return base instanceof JsonSessionBase && base.id === id ? base : undefined;
}

/** Leaves out `__proto__`, which would become the prototype when a session package copies the object. */
function parseSession(json: string): Record<string, unknown> {
  const data: unknown = JSON.parse(json);
  if (!isPlainObject(data)) throw new TypeError("it is no object");
  return Object.fromEntries(Object.entries(data).filter(([name]) => name !== "__proto__"));
}

/** Whether two sessions are equal but for the dates of their end, which move with every request. */
function isSame(one: string, other: string): boolean {
  if (one === other) return true;
  if (withoutMoments(one) !== withoutMoments(other)) return false; // a cheap test that settles most cases
  return isDeepStrictEqual(withoutEnds(one), withoutEnds(other));
}

const moments = /"(?:expires|originalExpires)":"[^"]*"|"_expire":\d+/g;

function withoutMoments(json: string): string {
  return json.replace(moments, "");
}

const movingEnds = new Set(["expires", "originalExpires"]);

/** express-session and Fastify store the end in the cookie, koa-session in a field. */
function withoutEnds(json: string): Record<string, unknown> {
  const { _expire, cookie, ...fields } = parseSession(json);
  if (!isPlainObject(cookie)) return { ...fields, cookie };
  const rest = Object.entries(cookie).filter(([name]) => !movingEnds.has(name));
  return { ...fields, cookie: Object.fromEntries(rest) };
}
