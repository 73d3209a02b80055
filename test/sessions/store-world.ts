import type { Cache } from "../../src/contracts/cache.ts";
import { SessionInterruptedError } from "../../src/contracts/errors.ts";
import type { FoundSession, SessionBase, SessionStore } from "../../src/contracts/session-store.ts";
import { openSessionStore } from "../../src/sessions/index.ts";
import type { Seeded } from "./seeded.ts";

const dayMs = 86_400_000;
/** What requests give the session: as it is, next to nothing more or less, and something else. */
const lifetimesMs = [dayMs, dayMs, dayMs + 10, dayMs - 10, dayMs / 24, 2 * dayMs];
const steps = ["write", "write", "write", "store as it is", "touch", "read anew"] as const;

/** A request, and the session as it holds it. */
interface Request {
  readonly field: string;
  data: Record<string, unknown>;
  base: SessionBase;
}

/** One session of a `SessionStore`, and some requests that use it at once, in half of the worlds to its end. */
export class StoreWorld {
  readonly #name: string;
  readonly #chance: Seeded;
  readonly #store: SessionStore;
  readonly #mayDestroy: boolean;
  /** What was written to each field, and not refused. */
  readonly #written = new Map<string, number>();
  readonly #broken: string[] = [];
  #isDestroyed = false;

  constructor(cache: Cache, name: string, chance: Seeded) {
    this.#name = name;
    this.#chance = chance;
    this.#store = openSessionStore({ cache });
    this.#mayDestroy = chance.once(2);
  }

  /** Runs everything to its end. Returns which promises were broken. */
  async run(): Promise<readonly string[]> {
    await this.#store.set(this.#name, { visits: 1 }, { lifetimeMs: dayMs });
    const count = 2 + this.#chance.below(3);
    await Promise.all(Array.from({ length: count }, (_, index) => this.#request(`${index}`)));
    await this.#lookAtIt();
    return this.#broken;
  }

  async #request(field: string): Promise<void> {
    await this.#chance.pause();
    const found = await this.#store.get(this.#name);
    if (!found) return this.#requireDestroyed("it was not found");
    const request: Request = { field, ...found };
    for (let step = this.#chance.below(5); step >= 0; step--) {
      await this.#chance.pause();
      await this.#step(request);
    }
    if (this.#mayDestroy && this.#chance.once(2)) await this.#destroy();
  }

  async #step(request: Request): Promise<void> {
    const isLate = this.#isDestroyed;
    try {
      const step = this.#chance.pick(steps);
      await this.#take(request, step);
      if (isLate && step === "write") this.#broken.push(`${this.#name}: written after its end`);
    } catch (error) {
      if (!(error instanceof SessionInterruptedError)) throw error;
      this.#requireDestroyed("a step was refused");
    }
  }

  async #take(request: Request, step: (typeof steps)[number]): Promise<void> {
    const writing = { lifetimeMs: this.#chance.pick(lifetimesMs), base: request.base };
    if (step === "read anew") return this.#readAnew(request, await this.#store.get(this.#name));
    if (step === "touch") return void (await this.#store.touch(this.#name, writing));
    if (step === "store as it is") {
      request.base = await this.#store.set(this.#name, request.data, writing);
      return;
    }
    const value = (this.#written.get(request.field) ?? 0) + 1;
    request.data = { ...request.data, [request.field]: value };
    request.base = await this.#store.set(this.#name, request.data, writing);
    this.#written.set(request.field, value);
  }

  #readAnew(request: Request, found: FoundSession | undefined): void {
    if (found) Object.assign(request, found);
    else this.#requireDestroyed("it was not found");
  }

  async #destroy(): Promise<void> {
    await this.#store.destroy(this.#name);
    this.#isDestroyed = true;
  }

  async #lookAtIt(): Promise<void> {
    const found = await this.#store.get(this.#name);
    if (this.#isDestroyed && found) this.#broken.push(`${this.#name}: it came back`);
    if (this.#isDestroyed) return;
    for (const [field, value] of [["visits", 1] as const, ...this.#written]) {
      const kept = String(found?.data[field]);
      if (kept !== String(value))
        this.#broken.push(`${this.#name}: ${field} is ${kept}, not ${value}`);
    }
  }

  /** A destruction under way may have come through. */
  #requireDestroyed(what: string): void {
    if (!this.#mayDestroy) this.#broken.push(`${this.#name}: ${what}, and nobody destroyed it`);
  }
}
