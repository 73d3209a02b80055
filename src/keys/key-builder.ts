import { requireWhole } from "../checks/require.ts";
import type { KeyLayout } from "../contracts/key-layout.ts";
import { escapeGlob } from "../kit/glob.ts";

/** What the keys of one cache, or of one view of it, are made with. */
export interface KeyScope {
  readonly prefix: string;
  readonly version: number;
  readonly layout: KeyLayout;
  /** What a namespace puts before each key, `""` without one. */
  readonly namespace: string;
}

/** Makes stored keys and patterns, and takes them apart. Pure. */
export class KeyBuilder {
  readonly scope: KeyScope;
  /** What comes before the key in the scope's own version; `undefined` where only the layout knows. */
  readonly #head: string | undefined;

  constructor(scope: KeyScope) {
    this.scope = scope;
    const { layout, prefix, version, namespace } = scope;
    const head = layout.head?.(prefix, version);
    this.#head = head === undefined ? undefined : head + namespace;
  }

  /**
   * Returns the stored key.
   *
   * @throws TypeError when `key` is not a non-empty, well-formed string, or `version` no whole number
   */
  stored(key: string, version?: number): string {
    if (typeof key !== "string" || key === "" || !key.isWellFormed()) requireKey(key); // it says why
    if (version === undefined && this.#head !== undefined) return this.#head + key;
    return this.#build(key, this.versionOr(version));
  }

  /** Returns the key under which the lock of `key` lives: beside the keys, where no pattern finds it. */
  lock(key: string, version?: number): string {
    requireKey(key);
    const { prefix, namespace } = this.scope;
    return `${lockHead(prefix)}${this.versionOr(version)}:${namespace}${key}`;
  }

  /** Returns the key under which a record lives: beside the keys, as locks do. */
  record(name: string): string {
    requireKey(name);
    const { prefix, namespace, version } = this.scope;
    return `${recordHead(prefix)}${version}:${namespace}${name}`;
  }

  /** Returns what the stored keys of every version begin with; `undefined` where only the layout knows. */
  commonPrefix(): string | undefined {
    const { layout, prefix } = this.scope;
    return layout.commonPrefix?.(prefix);
  }

  /** Returns a glob of this scope's stored keys whose keys match `pattern`. */
  pattern(pattern: string, version: number | "all" | undefined): string {
    requireKey(pattern, "pattern");
    const { layout, prefix, namespace } = this.scope;
    const over = version === "all" ? version : this.versionOr(version);
    return layout.pattern(escapeGlob(namespace) + pattern, prefix, over);
  }

  /** Returns the caller's key in a stored key, or `undefined` when it is not of this scope. */
  parse(storedKey: string, version: number | "all" | undefined): string | undefined {
    const { layout, prefix, namespace } = this.scope;
    if (isBeside(storedKey, prefix)) return undefined;
    const over = version === "all" ? version : this.versionOr(version);
    const key = layout.parse(storedKey, prefix, over);
    return key?.startsWith(namespace) ? key.slice(namespace.length) || undefined : undefined;
  }

  /** Returns the builder of a namespace within this one. */
  within(name: string): KeyBuilder {
    requireKey(name, "namespace");
    return new KeyBuilder({ ...this.scope, namespace: `${this.scope.namespace}${name}:` });
  }

  /** Returns the builder of another version. */
  at(version: number): KeyBuilder {
    return new KeyBuilder({ ...this.scope, version: requireWhole("version", version) });
  }

  /** Returns `version`, checked, or the scope's own. */
  versionOr(version: number | undefined): number {
    return version === undefined ? this.scope.version : requireWhole("version", version);
  }

  #build(key: string, version: number): string {
    const { layout, prefix, namespace } = this.scope;
    return layout.build(namespace + key, prefix, version);
  }
}

/** What the stored keys of all locks begin with: no whole number, so never a version. */
function lockHead(prefix: string): string {
  return `${prefix}:#lock:`;
}

/** What the stored keys of all records begin with. */
function recordHead(prefix: string): string {
  return `${prefix}:#record:`;
}

function isBeside(storedKey: string, prefix: string): boolean {
  return storedKey.startsWith(lockHead(prefix)) || storedKey.startsWith(recordHead(prefix));
}

/** Checks what comes from outside the types: a key is a non-empty string that UTF-8 can carry. */
function requireKey(key: unknown, what = "key"): asserts key is string {
  if (typeof key !== "string")
    throw new TypeError(`The ${what} must be a string, got ${typeof key}.`);
  if (key === "") throw new TypeError(`The ${what} must not be empty.`);
  if (!key.isWellFormed()) {
    throw new TypeError(`The ${what} holds half of a surrogate pair, which UTF-8 cannot carry.`);
  }
}
