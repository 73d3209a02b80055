/** A value that says whose it is, and which write it was. */
export interface Written {
  readonly world: string;
  readonly serial: number;
}

/** What is known of a session's loads. */
interface Look {
  /** Whether a destroy had been through before the look began. */
  readonly wasDestroyed: boolean;
  readonly by: string;
}

/** Keeps account of one session: where it was, what was written to it, and which promises were broken. */
export class SessionLedger {
  readonly broken: string[] = [];
  /** Whether a destroy has been through. */
  isDestroyed = false;
  readonly #world: string;
  readonly #places: Set<string> = new Set();
  #first: string | undefined;
  #serial = 0;
  readonly #fields: Map<number, string> = new Map();
  readonly #maybeStored: Set<number> = new Set();
  readonly #surely: Map<string, number> = new Map();
  readonly #seen: Set<number> = new Set();

  constructor(world: string) {
    this.#world = world;
  }

  /** Every place in the store that the session had, or may yet get. */
  get places(): readonly string[] {
    return [...this.#places];
  }

  break(promise: string): void {
    this.broken.push(`${this.#world}: ${promise}`);
  }

  /** The first place is the session's; an object that begins anew after its session's end is another's. */
  created(place: string): void {
    this.#first ??= place;
    this.#places.add(this.#first);
  }

  moved(from: string, to: string): void {
    if (this.#places.has(from)) this.#places.add(to);
  }

  isOfSession(place: string): boolean {
    return this.#places.has(place);
  }

  /** Returns a value to be written to a field. */
  write(field: string): Written {
    this.#serial += 1;
    this.#fields.set(this.#serial, field);
    return { world: this.#world, serial: this.#serial };
  }

  /** Takes note that a write may be stored. */
  maybeStored(serial: number): void {
    this.#maybeStored.add(serial);
  }

  /** Takes note that the writes to a field are stored. */
  stored(field: string): void {
    for (const [serial, name] of this.#fields) if (name === field) this.#maybeStored.add(serial);
  }

  /** Takes note that of these writes the last to each field that is a request's own must be stored. */
  surelyStored(request: string, serials: readonly number[]): void {
    for (const serial of serials) {
      const field = this.#fields.get(serial) ?? "";
      if (field.endsWith(` ${request}`)) this.#surely.set(field, serial);
    }
  }

  /** Judges what a request found. */
  see(entries: readonly (readonly [string, unknown])[], { wasDestroyed, by }: Look): void {
    const isOfSession = entries.some(([field]) => field === "origin");
    if (wasDestroyed && isOfSession) this.break(`a ${by} found a destroyed session`);
    for (const { world, serial } of entries.flatMap(([, value]) => writesIn(value))) {
      if (world !== this.#world) this.break(`a value of ${world} was found`);
      this.#seen.add(serial);
    }
  }

  /** Judges the session as all requests left it: nothing is lost, and nothing there that was refused. */
  requireAll(entries: readonly (readonly [string, unknown])[]): void {
    const found = new Map(entries.map(([field, value]) => [field, writesIn(value)]));
    for (const [field, serial] of this.#surely) {
      const last = found.get(field)?.at(-1)?.serial ?? 0;
      if (last < serial) this.break(`${field} was saved as ${serial}, and is ${last}`);
    }
  }

  /** Judges all that was ever seen, once everything has ended. */
  requireNothingRefused(): void {
    for (const serial of this.#seen) {
      if (!this.#maybeStored.has(serial)) this.break(`write ${serial} was refused, and stored`);
    }
  }
}

function writesIn(value: unknown): readonly Written[] {
  if (Array.isArray(value)) return value as Written[]; // the lists are of writes
  return typeof value === "object" ? [value as Written] : []; // what is no text is a write
}
