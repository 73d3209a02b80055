import type { Session } from "../contracts/sessions.ts";
import type { Duration } from "../kit/duration.ts";
import { isPlainObject } from "../kit/plain-object.ts";
import { toExpiry } from "./expiry.ts";
import { SessionKeeper, type SessionParts, type SessionStart } from "./session-keeper.ts";

const testField = "testcookie";
const testValue = "worked";

/** A session of `createSessions`. */
export class StoredSession implements Session {
  readonly #keeper: SessionKeeper;

  constructor(parts: SessionParts, start: SessionStart) {
    this.#keeper = new SessionKeeper(parts, start);
  }

  get id(): string | undefined {
    return this.#keeper.id;
  }

  get handle(): string | undefined {
    return this.#keeper.handle;
  }

  get isNew(): boolean {
    return this.#keeper.id === undefined;
  }

  get isEmpty(): boolean {
    return this.#keeper.isEmpty;
  }

  get modified(): boolean {
    return this.#keeper.modified;
  }

  get accessed(): boolean {
    return this.#keeper.fields.accessed;
  }

  get detached(): boolean {
    return this.#keeper.detachedBy !== undefined;
  }

  get<T>(field: string, fallback?: T): T {
    const value = this.#keeper.fields.get(field);
    return (value === undefined ? fallback : value) as T; // what is kept, the caller knows
  }

  set(field: string, value: unknown): this {
    this.#keeper.fields.set(field, value);
    return this;
  }

  delete(field: string): boolean {
    return this.#keeper.fields.delete(field);
  }

  pop<T>(field: string, fallback?: T): T {
    const value = this.get(field, fallback);
    this.#keeper.fields.delete(field);
    return value;
  }

  setDefault<T>(field: string, value: T): T {
    if (!this.#keeper.fields.has(field)) this.#keeper.fields.set(field, value);
    return this.get<T>(field, value);
  }

  has(field: string): boolean {
    return this.#keeper.fields.has(field);
  }

  keys(): string[] {
    return this.#keeper.fields.keys();
  }

  entries(): [string, unknown][] {
    return this.keys().map((field) => [field, this.#keeper.fields.get(field)]);
  }

  update(fields: Readonly<Record<string, unknown>> | Iterable<readonly [string, unknown]>): this {
    for (const [field, value] of toPairs(fields)) this.#keeper.fields.set(field, value);
    return this;
  }

  clear(): void {
    this.#keeper.fields.clear();
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
    this.#keeper.expiry = toExpiry(expiry);
  }

  get expiryAge(): number {
    return Math.floor(this.#keeper.lifetimeMs() / 1_000);
  }

  get expiryDate(): Date {
    return new Date(Math.round(this.#keeper.now() + this.#keeper.lifetimeMs()));
  }

  get endsAt(): Date | undefined {
    return this.#keeper.endsAt;
  }

  get remainingMs(): number {
    return this.#keeper.remainingMs;
  }

  get expiresAtBrowserClose(): boolean {
    return this.#keeper.expiry?.kind === "browser";
  }

  async save(): Promise<boolean> {
    return this.#keeper.save();
  }

  async regenerate(): Promise<void> {
    return this.#keeper.regenerate();
  }

  async destroy(): Promise<void> {
    return this.#keeper.destroy();
  }
}

function toPairs(
  fields: Readonly<Record<string, unknown>> | Iterable<readonly [string, unknown]>,
): Iterable<readonly [string, unknown]> {
  if (isPlainObject(fields)) return Object.entries(fields);
  if (typeof fields === "object" && fields !== null && Symbol.iterator in fields) return fields;
  throw new TypeError("update() takes an object, or pairs of a field and its value.");
}
