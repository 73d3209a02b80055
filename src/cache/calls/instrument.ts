import { ConfigurationError } from "../../contracts/errors.ts";
import type {
  CacheEventName,
  CacheEvents,
  CacheListener,
  CacheListeners,
  CacheStats,
  CircuitState,
} from "../../contracts/events.ts";
import type { Logger } from "../../contracts/options.ts";
import { requireFunction } from "../../kit/callable.ts";

const eventNames: ReadonlySet<string> = new Set<CacheEventName>([
  "hit",
  "miss",
  "write",
  "delete",
  "error",
  "connect",
  "disconnect",
  "circuit",
]);

/** The call that something is done for. */
export interface Call {
  /** The method the user called. */
  readonly operation: string;
  /** The key the user gave, where there is one. */
  readonly key?: string;
}

type AnyListener = (event: never) => void;

/** What a cache and all its views count and tell together. */
interface Shared {
  readonly name: string;
  readonly logger: Logger;
  readonly listeners: Map<CacheEventName, Set<AnyListener>>;
  readonly counts: Record<
    "hits" | "misses" | "writes" | "deletes" | "loads" | "errors" | "ignoredErrors",
    number
  >;
  circuit: CircuitState;
}

/** Counts and tells what happens on a cache, or on one view of it. The one place that does. */
export class Instrument {
  readonly #shared: Shared;
  readonly #namespace: string;

  private constructor(shared: Shared, namespace: string) {
    this.#shared = shared;
    this.#namespace = namespace;
  }

  /** Returns the instrument of a cache. @throws ConfigurationError, TypeError for what is no listener */
  static of(name: string, logger: Logger, listeners: CacheListeners = {}): Instrument {
    const counts = {
      hits: 0,
      misses: 0,
      writes: 0,
      deletes: 0,
      loads: 0,
      errors: 0,
      ignoredErrors: 0,
    };
    if (typeof listeners !== "object" || listeners === null) {
      throw new TypeError("events must be an object of listeners by event.");
    }
    const instrument = new Instrument(
      { name, logger, listeners: new Map(), counts, circuit: "closed" },
      "",
    );
    for (const [event, listener] of Object.entries(listeners)) {
      if (listener !== undefined) instrument.on(event as CacheEventName, listener); // checked there
    }
    return instrument;
  }

  get name(): string {
    return this.#shared.name;
  }

  /** Returns the instrument of a view, whose keys are told with its namespace. */
  within(namespace: string): Instrument {
    return new Instrument(this.#shared, namespace);
  }

  read(key: string, found: boolean): void {
    this.#shared.counts[found ? "hits" : "misses"] += 1;
    this.#tellOfKey(found ? "hit" : "miss", key);
  }

  wrote(key: string): void {
    this.#shared.counts.writes += 1;
    this.#tellOfKey("write", key);
  }

  deleted(key: string): void {
    this.#shared.counts.deletes += 1;
    this.#tellOfKey("delete", key);
  }

  /** Counts keys that were removed without it being known which. */
  deletedMany(count: number): void {
    this.#shared.counts.deletes += count;
  }

  loaded(): void {
    this.#shared.counts.loads += 1;
  }

  failed({ operation, key }: Call, error: unknown, ignored: boolean): void {
    this.#shared.counts.errors += 1;
    if (ignored) this.#shared.counts.ignoredErrors += 1;
    const where = key === undefined ? {} : { key: this.#namespace + key };
    this.#tell("error", { cache: this.name, operation, ...where, error, ignored });
  }

  connected(): void {
    this.#tell("connect", { cache: this.name });
  }

  disconnected(cause?: unknown): void {
    this.#tell("disconnect", { cache: this.name, ...(cause !== undefined && { cause }) });
  }

  /** Whether calls are let through to the store. */
  get circuit(): CircuitState {
    return this.#shared.circuit;
  }

  circuitOpened(cause: unknown): void {
    this.#shared.circuit = "open";
    this.#tell("circuit", { cache: this.name, state: "open", cause });
  }

  circuitClosed(): void {
    this.#shared.circuit = "closed";
    this.#tell("circuit", { cache: this.name, state: "closed" });
  }

  stats(pending: number): CacheStats {
    const { hits, misses } = this.#shared.counts;
    const hitRate = hits + misses === 0 ? 0 : hits / (hits + misses);
    return { name: this.name, ...this.#shared.counts, hitRate, pending, circuit: this.circuit };
  }

  on(event: CacheEventName, listener: AnyListener): void {
    requireEvent(event);
    requireFunction(`The listener of "${event}"`, listener);
    const listeners = this.#shared.listeners.get(event) ?? new Set();
    this.#shared.listeners.set(event, listeners.add(listener));
  }

  off(event: CacheEventName, listener: AnyListener): void {
    requireEvent(event);
    this.#shared.listeners.get(event)?.delete(listener);
  }

  #tellOfKey(event: "hit" | "miss" | "write" | "delete", key: string): void {
    if (!this.#shared.listeners.has(event)) return;
    this.#tell(event, { cache: this.name, key: this.#namespace + key });
  }

  #tell<Name extends CacheEventName>(event: Name, details: CacheEvents[Name]): void {
    const listeners = Array.from(this.#shared.listeners.get(event) ?? []); // they may come and go
    for (const listener of listeners) {
      try {
        const outcome: unknown = (listener as CacheListener<Name>)(details); // kept by its event's name
        if (outcome instanceof Promise) outcome.catch((error) => this.#logThrown(event, error));
      } catch (error) {
        this.#logThrown(event, error);
      }
    }
  }

  #logThrown(event: CacheEventName, error: unknown): void {
    logTo(this.#shared.logger, `a listener of "${event}" threw`, error);
  }
}

/** Logs, whatever the logger does: what is told beside a call must not disturb the call. */
export function logTo(logger: Logger, message: string, ...details: readonly unknown[]): void {
  try {
    logger.error(`cachewell: ${message}`, ...details);
  } catch (failure) {
    process.emitWarning(`cachewell: the logger threw ${String(failure)}`);
  }
}

function requireEvent(event: string): void {
  if (eventNames.has(event)) return;
  const known = [...eventNames].join(", ");
  throw new ConfigurationError(
    "events",
    `There is no event ${JSON.stringify(event)}; known: ${known}.`,
  );
}
