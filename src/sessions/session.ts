import type { Session } from "../contracts/sessions.ts";
import type { Duration } from "../kit/duration.ts";
import { isPlainObject } from "../kit/plain-data.ts";
import { toExpiry } from "./expiry.ts";
import type { SessionFields } from "./session-fields.ts";
import type { SessionState } from "./session-state.ts";
import type { SessionWriter } from "./session-writer.ts";

const testField = "testcookie";
const testValue = "worked";

/** The session that users hold: a dictionary over its fields, and steps that store it one after the other. */
export class StoredSession implements Session {
  readonly #state: SessionState;
  readonly #fields: SessionFields;
  readonly #writer: SessionWriter;
  /** The steps called so far; each waits for the one before. */
  #steps: Promise<unknown> | undefined;

  constructor(state: SessionState, writer: SessionWriter) {
    this.#state = state;
    this.#fields = state.fields;
    this.#writer = writer;
  }

  get id(): string | undefined {
    return this.#state.stored?.id;
  }

  get handle(): string | undefined {
    return this.#state.stored?.handle;
  }

  get isNew(): boolean {
    return this.#state.stored === undefined;
  }

  get isEmpty(): boolean {
    return this.#state.isEmpty;
  }

  get modified(): boolean {
    return this.#state.modified;
  }

  get accessed(): boolean {
    return this.#fields.accessed;
  }

  get detached(): boolean {
    return this.#state.detached !== undefined;
  }

  get<T>(field: string, fallback?: T): T {
    const value = this.#fields.get(field);
    return (value === undefined ? fallback : value) as T; // the caller knows what it stored
  }

  set(field: string, value: unknown): this {
    this.#fields.set(field, value);
    return this;
  }

  delete(field: string): boolean {
    return this.#fields.delete(field);
  }

  pop<T>(field: string, fallback?: T): T {
    const value = this.get(field, fallback);
    this.#fields.delete(field);
    return value;
  }

  setDefault<T>(field: string, value: T): T {
    if (!this.#fields.has(field)) this.#fields.set(field, value);
    return this.get<T>(field, value);
  }

  has(field: string): boolean {
    return this.#fields.has(field);
  }

  keys(): string[] {
    return this.#fields.keys();
  }

  entries(): [string, unknown][] {
    return this.keys().map((field) => [field, this.#fields.get(field)]);
  }

  update(fields: Readonly<Record<string, unknown>> | Iterable<readonly [string, unknown]>): this {
    for (const [field, value] of toPairs(fields)) this.#fields.set(field, value);
    return this;
  }

  clear(): void {
    this.#fields.clear();
  }

  setTestCookie(): void {
    this.set(testField, testValue);
  }

  testCookieWorked(): boolean {
    return this.get(testField) === testValue;
  }

  deleteTestCookie(): void {
    this.delete(testField);
  }

  setExpiry(expiry: Duration | Date): void {
    this.#state.expiry = toExpiry(expiry);
  }

  get expiryAge(): number {
    return Math.floor(this.#state.lifetimeMs() / 1_000);
  }

  get expiryDate(): Date {
    return new Date(Math.round(this.#state.now() + this.#state.lifetimeMs()));
  }

  get endsAt(): Date | undefined {
    const { stored } = this.#state;
    return stored && new Date(Math.ceil(stored.endsAtMs));
  }

  get remainingMs(): number {
    return this.#state.remainingMs;
  }

  get expiresAtBrowserClose(): boolean {
    return this.#state.expiry?.kind === "browser";
  }

  save(): Promise<boolean> {
    return this.#afterOthers(() => this.#writer.save(this.#state));
  }

  regenerate(): Promise<void> {
    return this.#afterOthers(() => this.#writer.regenerate(this.#state));
  }

  destroy(): Promise<void> {
    return this.#afterOthers(() => this.#writer.destroy(this.#state));
  }

  /** Runs a step once all steps before it have ended, with or without success. */
  #afterOthers<T>(step: () => Promise<T>): Promise<T> {
    const result = (this.#steps ?? Promise.resolve()).then(step);
    this.#steps = result.catch(() => undefined);
    return result;
  }
}

function toPairs(
  fields: Readonly<Record<string, unknown>> | Iterable<readonly [string, unknown]>,
): Iterable<readonly [string, unknown]> {
  if (isPlainObject(fields)) return Object.entries(fields);
  if (typeof fields === "object" && fields !== null && Symbol.iterator in fields) return fields;
  throw new TypeError("update() takes an object, or pairs of a field and its value.");
}
