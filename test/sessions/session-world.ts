import type { Cache } from "../../src/contracts/cache.ts";
import { SessionInterruptedError } from "../../src/contracts/errors.ts";
import type { RecordStore } from "../../src/contracts/records.ts";
import type { SessionBackend } from "../../src/contracts/session-backend.ts";
import type { Session, Sessions } from "../../src/contracts/sessions.ts";
import { createSessions } from "../../src/sessions/index.ts";
import { sessionBackendOf } from "../../src/sessions/session-backend.ts";
import { cacheWithBackend } from "./cache-with-backend.ts";
import type { Seeded } from "./seeded.ts";
import { SessionLedger, type Written } from "./session-ledger.ts";

/** Something that a request does to its session. */
const steps = [
  "set",
  "set",
  "change",
  "delete",
  "save",
  "save",
  "save",
  "regenerate",
  "destroy",
  "destroy as user",
  "let expire",
] as const;

/** After these the object's session is another one. */
const lastSteps: ReadonlySet<Step> = new Set(["destroy", "destroy as user", "let expire"]);

type StoringStep = Exclude<Step, "set" | "change" | "delete">;

type Step = (typeof steps)[number];

/** A request, its session, and what it has written to it. */
interface Request {
  readonly name: string;
  readonly session: Session;
  readonly written: number[];
  readonly underWay: Promise<void>[];
}

/**
 * One session, and some requests that use it at once: each call of the store is made to wait a
 * random while, so that the steps of all of them mix.
 */
export class SessionWorld {
  readonly #name: string;
  readonly #chance: Seeded;
  readonly #backend: SessionBackend;
  readonly #slow: Cache;
  readonly #sessions: Sessions;
  readonly #hasUser: boolean;
  readonly #ledger: SessionLedger;
  readonly #ids: string[] = [];

  constructor(cache: Cache, name: string, chance: Seeded) {
    this.#name = name;
    this.#chance = chance;
    this.#backend = sessionBackendOf(cache);
    this.#ledger = new SessionLedger(name);
    this.#slow = this.#slowed();
    this.#sessions = createSessions({ cache: this.#slow, ttl: "14d", rolling: chance.once(2) });
    this.#hasUser = chance.once(3);
  }

  /** Runs everything to its end. Returns which promises were broken. */
  async run(): Promise<readonly string[]> {
    await this.#begin();
    const count = 2 + this.#chance.below(3);
    await Promise.all(Array.from({ length: count }, (_, index) => this.#request(`${index}`)));
    await this.#lookAtEverything();
    this.#ledger.requireNothingRefused();
    return this.#ledger.broken;
  }

  /** The session begins with a shorter life, so that a rolling save has something to extend. */
  async #begin(): Promise<void> {
    const session = await createSessions({ cache: this.#slow, ttl: "13d" }).load(undefined);
    session.set("origin", this.#ledger.write("origin"));
    if (this.#hasUser) session.set("userId", this.#name);
    await session.save();
    this.#ledger.stored("origin");
    if (session.id !== undefined) this.#ids.push(session.id);
  }

  async #request(name: string): Promise<void> {
    await this.#chance.pause();
    const session = await this.#load(this.#chance.pick(this.#ids));
    if (session.isNew) return;
    const request: Request = { name, session, written: [], underWay: [] };
    for (let left = this.#chance.below(6); left >= 0; left--) {
      const step = this.#chance.pick(steps);
      this.#take(step, request);
      if (lastSteps.has(step)) break;
      if (this.#chance.once(2)) await Promise.all(request.underWay);
      else await this.#chance.pause();
    }
    await Promise.all(request.underWay);
  }

  /** Loads an id as a request does, and notes what it finds. */
  async #load(id: string): Promise<Session> {
    const wasDestroyed = this.#ledger.isDestroyed;
    const session = await this.#sessions.load(id);
    this.#ledger.see(session.entries(), { wasDestroyed, by: "load" });
    return session;
  }

  #take(step: Step, request: Request): void {
    const { session, name } = request;
    if (step === "set") this.#write(request, `own ${name}`);
    else if (step === "change") this.#change(request);
    else if (step === "delete") session.delete("shared");
    else request.underWay.push(this.#store(step, request));
    if (step === "set" && this.#chance.once(2)) this.#write(request, "shared");
  }

  #write({ session, written }: Request, field: string): void {
    const value = this.#ledger.write(field);
    session.set(field, value);
    written.push(value.serial);
  }

  /** Changes a value inside, which no setter tells of. */
  #change({ session, name, written }: Request): void {
    const list = session.setDefault<Written[]>(`list ${name}`, []);
    const value = this.#ledger.write(`list ${name}`);
    list.push(value);
    written.push(value.serial);
  }

  async #store(step: StoringStep, request: Request): Promise<void> {
    const before = request.written.length;
    try {
      if (step === "save") this.#note(request, before, await request.session.save());
      else if (step === "regenerate") await this.#regenerate(request, before);
      else if (step === "let expire") await this.#letExpire(request);
      else await this.#destroy(step, request);
    } catch (error) {
      if (!(error instanceof SessionInterruptedError)) throw error;
    }
  }

  async #regenerate(request: Request, before: number): Promise<void> {
    await request.session.regenerate();
    this.#note(request, before, true);
  }

  async #destroy(step: "destroy" | "destroy as user", { session }: Request): Promise<void> {
    if (step === "destroy" || !this.#hasUser) await session.destroy();
    else await this.#sessions.destroyAll({ userId: this.#name });
    await this.#expectDead();
  }

  async #letExpire({ session, underWay }: Request): Promise<void> {
    await Promise.all(underWay);
    if (session.handle === undefined) return;
    if (!this.#ledger.isOfSession(this.#key(session.handle))) return;
    session.setExpiry(new Date(0));
    if (this.#chance.once(2)) await session.regenerate();
    else if (!(await session.save())) return;
    await this.#expectDead();
  }

  /** From now on the session is dead: at once, which the first to end it sees to, and when all is over. */
  async #expectDead(): Promise<void> {
    if (this.#ledger.isDestroyed) return;
    this.#ledger.isDestroyed = true;
    await this.#lookAtRecords();
  }

  /** Notes what a step stored: at least what was written before it began. */
  #note({ session, written, name }: Request, before: number, isStored: boolean): void {
    const { id, handle } = session;
    if (id !== undefined && !this.#ids.includes(id)) this.#ids.push(id);
    if (!isStored) return;
    for (const serial of written) this.#ledger.maybeStored(serial);
    const isSame = handle !== undefined && this.#ledger.isOfSession(this.#key(handle));
    if (isSame) this.#ledger.surelyStored(name, written.slice(0, before));
  }

  /** Looks at every place that the session ever had, past the engine. */
  async #lookAtRecords(): Promise<number> {
    const { isDestroyed: wasDestroyed, places } = this.#ledger;
    const found = await Promise.all(places.map((key) => this.#backend.records.load(key)));
    const alive = found.filter((record) => record !== undefined);
    if (wasDestroyed && alive.length > 0) this.#ledger.break("a destroyed session is stored");
    if (alive.length > 1) this.#ledger.break("one session is stored twice");
    return alive.length;
  }

  async #lookAtEverything(): Promise<void> {
    const alive = await this.#lookAtRecords();
    if (this.#ledger.isDestroyed && !this.#chance.once(3)) return; // there is nothing to load
    const found = await Promise.all(this.#ids.map((id) => this.#load(id)));
    const living = found.filter(({ handle }) => {
      return handle !== undefined && this.#ledger.isOfSession(this.#key(handle));
    });
    if (this.#ledger.isDestroyed) return;
    if (alive !== 1 || living.length !== 1) this.#ledger.break("a session is gone by itself");
    for (const session of living) this.#ledger.requireAll(session.entries());
  }

  #key(handle: string): string {
    return this.#backend.key(`session:${handle}`);
  }

  /** Returns the same cache to sessions. Each call of its store waits before it is sent and after its reply. */
  #slowed(): Cache {
    const { records, index } = this.#backend;
    const slowly = async <T>(task: () => Promise<T>): Promise<T> => {
      await this.#chance.pause();
      const answer = await task();
      if (this.#chance.once(3)) await this.#chance.pause();
      return answer;
    };
    const slow: RecordStore = {
      load: (key) => slowly(() => records.load(key)),
      create: (key, ...rest) => {
        this.#ledger.created(key);
        return slowly(() => records.create(key, ...rest));
      },
      update: (...args) => slowly(() => records.update(...args)),
      put: (...args) => slowly(() => records.put(...args)),
      touch: (...args) => slowly(() => records.touch(...args)),
      move: (move) => {
        this.#ledger.moved(move.from, move.to);
        return slowly(() => records.move(move));
      },
      keys: (...args) => records.keys(...args),
      destroy: (...args) => slowly(() => records.destroy(...args)),
    };
    return cacheWithBackend({
      ...this.#backend,
      records: slow,
      index: {
        add: (...args) => slowly(() => index.add(...args)),
        remove: (...args) => slowly(() => index.remove(...args)),
        members: (...args) => slowly(() => index.members(...args)),
      },
    });
  }
}
