/**
 * Notes on objects of others, one each: a property that nobody else can name, and no copy and no JSON
 * shows. A `WeakMap` would say it more plainly, but each entry of one costs as much as reading a
 * session's fields.
 */
export class Notes<T> {
  readonly #field = Symbol("cachewell");

  get(object: object): T | undefined {
    return (object as Partial<Record<symbol, T>>)[this.#field]; // only `set` knows the symbol
  }

  set(object: object, note: T): void {
    Object.defineProperty(object, this.#field, { value: note, configurable: true });
  }
}
