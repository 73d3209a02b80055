import type { RecordFields } from "../contracts/records.ts";

/** The fields of one session, with a record of what was read and written. */
export class SessionFields {
  #values: Map<string, unknown>;
  #stored: RecordFields;
  readonly #written: Set<string> = new Set();
  readonly #handedOut: Set<string> = new Set();
  #accessed = false;

  /**
   * @param values the fields; this object takes them over
   * @param stored the same fields in their stored form
   */
  constructor(values: Map<string, unknown> = new Map(), stored: RecordFields = new Map()) {
    this.#values = values;
    this.#stored = stored;
  }

  /** The fields as they are stored. */
  get stored(): RecordFields {
    return this.#stored;
  }

  /** The fields as they are now. */
  get values(): ReadonlyMap<string, unknown> {
    return this.#values;
  }

  get accessed(): boolean {
    return this.#accessed;
  }

  get modified(): boolean {
    return this.#written.size > 0;
  }

  /** The fields whose values callers hold too, and may change inside. */
  get handedOut(): ReadonlySet<string> {
    return this.#handedOut;
  }

  get(field: string): unknown {
    this.#accessed = true;
    requireField(field);
    const value = this.#values.get(field);
    if (canChange(value)) this.#handedOut.add(field);
    return value;
  }

  set(field: string, value: unknown): void {
    this.#accessed = true;
    requireField(field);
    if (value === undefined) {
      throw new TypeError(`The value of ${JSON.stringify(field)} is undefined; use delete().`);
    }
    this.#values.set(field, value);
    this.#written.add(field);
    if (canChange(value)) this.#handedOut.add(field); // the caller still holds it
  }

  delete(field: string): boolean {
    this.#accessed = true;
    const existed = this.#values.delete(requireField(field));
    if (existed) this.#written.add(field);
    return existed;
  }

  has(field: string): boolean {
    this.#accessed = true;
    return this.#values.has(requireField(field));
  }

  keys(): string[] {
    this.#accessed = true;
    return [...this.#values.keys()];
  }

  clear(): void {
    this.#accessed = true;
    for (const field of this.#values.keys()) this.#written.add(field);
    this.#values.clear();
  }

  /** Returns the fields written since the last call, and starts a new record. */
  takeWritten(): ReadonlySet<string> {
    const written = new Set(this.#written);
    this.#written.clear();
    return written;
  }

  /** Puts back what `takeWritten` returned, since it could not be stored. */
  giveBack(written: ReadonlySet<string>): void {
    for (const field of written) this.#written.add(field);
  }

  /** Sets the stored form, after a write. */
  saved(stored: RecordFields): void {
    this.#stored = stored;
  }

  /** Removes all fields, the stored form included. */
  reset(): void {
    this.#values = new Map();
    this.#stored = new Map();
    this.#written.clear();
    this.#handedOut.clear();
  }
}

function canChange(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function requireField(field: unknown): string {
  if (typeof field === "string" && field !== "" && field.isWellFormed()) return field;
  const shown = typeof field === "string" ? JSON.stringify(field) : typeof field;
  throw new TypeError(`A session's field must be a text that is not empty, got ${shown}.`);
}
