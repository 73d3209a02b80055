/**
 * One value per object of somebody else's, under a symbol that no other code has; copies and JSON of the
 * object do not show it. A `WeakMap` would be plainer, but each of its entries costs as much as reading
 * a session's fields.
 */
export class ObjectTags<T> {
  readonly #symbol = Symbol("cachewell");

  /** Returns the tag of an object, `undefined` for an object without one. */
  get(object: object): T | undefined {
    return (object as Partial<Record<symbol, T>>)[this.#symbol]; // only `set` has the symbol
  }

  /** Tags an object, in place of an earlier tag. @throws TypeError for a frozen object */
  set(object: object, tag: T): void {
    Object.defineProperty(object, this.#symbol, { value: tag, configurable: true });
  }
}
