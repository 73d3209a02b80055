import { requireFunction } from "../../checks/require.ts";
import { ConfigurationError } from "../../contracts/errors.ts";
import type {
  CacheEventName,
  CacheEvents,
  CacheListener,
  CacheListeners,
  CacheStats,
  CircuitState,
  ErrorEvent,
} from "../../contracts/events.ts";
import type { Logger } from "../../contracts/options.ts";
import { logTo } from "./log.ts";

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

type AnyListener = (event: never) => void;

/** An event of one key. */
export type KeyEventName = "hit" | "miss" | "write" | "delete";

/** What a cache counts. */
type Counts = Record<
  "hits" | "misses" | "writes" | "deletes" | "loads" | "errors" | "ignoredErrors",
  number
>;

/** Emits the events of a cache and of all its views, and keeps their counts. */
export class Events {
  readonly name: string;
  /** Counted up by every call. */
  readonly counts: Counts = {
    hits: 0,
    misses: 0,
    writes: 0,
    deletes: 0,
    loads: 0,
    errors: 0,
    ignoredErrors: 0,
  };
  /** Which events of one key have a listener: every call looks here first. */
  readonly heard: Record<KeyEventName, boolean> = {
    hit: false,
    miss: false,
    write: false,
    delete: false,
  };
  /** Whether calls are let through to the store. */
  circuit: CircuitState = "closed";
  readonly #logger: Logger;
  readonly #listeners = new Map<CacheEventName, Set<AnyListener>>();

  /** @throws ConfigurationError, TypeError for what is no listener */
  constructor(name: string, logger: Logger, listeners: CacheListeners = {}) {
    this.name = name;
    this.#logger = logger;
    if (typeof listeners !== "object" || listeners === null) {
      throw new TypeError("events must be an object of listeners by event.");
    }
    for (const [event, listener] of Object.entries(listeners)) {
      if (listener !== undefined) this.on(event as CacheEventName, listener); // checked there
    }
  }

  on(event: CacheEventName, listener: AnyListener): void {
    requireEvent(event);
    requireFunction(`The listener of "${event}"`, listener);
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    this.#noteHeard(event);
  }

  off(event: CacheEventName, listener: AnyListener): void {
    requireEvent(event);
    this.#listeners.get(event)?.delete(listener);
    this.#noteHeard(event);
  }

  /** @param key with its namespace */
  emitOfKey(event: KeyEventName, key: string): void {
    this.emit(event, { cache: this.name, key });
  }

  emit<Name extends CacheEventName>(event: Name, details: CacheEvents[Name]): void {
    const listeners = Array.from(this.#listeners.get(event) ?? []); // they may come and go
    for (const listener of listeners) {
      try {
        const outcome: unknown = (listener as CacheListener<Name>)(details); // kept by its event's name
        if (outcome instanceof Promise) outcome.catch((error) => this.#logThrown(event, error));
      } catch (error) {
        this.#logThrown(event, error);
      }
    }
  }

  /** Counts a failure, and emits it. */
  failed(event: Omit<ErrorEvent, "cache">): void {
    this.counts.errors += 1;
    if (event.ignored) this.counts.ignoredErrors += 1;
    this.emit("error", { cache: this.name, ...event });
  }

  connected(): void {
    this.emit("connect", { cache: this.name });
  }

  disconnected(cause?: unknown): void {
    this.emit("disconnect", { cache: this.name, ...(cause !== undefined && { cause }) });
  }

  circuitOpened(cause: unknown): void {
    this.circuit = "open";
    this.emit("circuit", { cache: this.name, state: "open", cause });
  }

  circuitClosed(): void {
    this.circuit = "closed";
    this.emit("circuit", { cache: this.name, state: "closed" });
  }

  stats(pending: number): CacheStats {
    const { hits, misses } = this.counts;
    const hitRate = hits + misses === 0 ? 0 : hits / (hits + misses);
    return { name: this.name, ...this.counts, hitRate, pending, circuit: this.circuit };
  }

  #noteHeard(event: CacheEventName): void {
    if (event in this.heard) {
      this.heard[event as KeyEventName] = (this.#listeners.get(event)?.size ?? 0) > 0; // just looked
    }
  }

  #logThrown(event: CacheEventName, error: unknown): void {
    logTo(this.#logger, `a listener of "${event}" threw`, error);
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
