import type { RecordFields } from "../contracts/records.ts";

/** The fields of a session, and what happens to them. */
export class SessionFields {
  #values: Map<string, unknown>;
  #stored: RecordFields;
  readonly #written: Set<string> = new Set();
  readonly #handedOut: Set<string> = new Set();
  #accessed = false;

  /**
   * @param values theirs from now on
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

  /** The fields whose values others have too, and can change inside. */
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
    if (canChange(value)) this.#handedOut.add(field); // its giver has it still
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

  /** Returns what was written and forgets that it was: what is written from now on is new. */
  takeWritten(): ReadonlySet<string> {
    const written = new Set(this.#written);
    this.#written.clear();
    return written;
  }

  /** Remembers what was taken, since it could not be stored. */
  giveBack(written: ReadonlySet<string>): void {
    for (const field of written) this.#written.add(field);
  }

  /** Takes note of what is stored now. */
  saved(stored: RecordFields): void {
    this.#stored = stored;
  }

  /** Forgets everything, the stored form too. */
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
