import { requireFunction } from "../../checks/require.ts";
import type {
  Factory,
  GetOrSetOptions,
  KeyOptions,
  Memoized,
  MemoizeOptions,
} from "../../contracts/cache.ts";
import { ConfigurationError } from "../../contracts/errors.ts";
import { argumentKey } from "../../keys/argument-key.ts";

/** The verbs of a cache that a memoized function needs. */
export interface MemoizeVerbs {
  getOrSet(key: string, factory: Factory<unknown>, options: GetOrSetOptions): Promise<unknown>;
  refresh(key: string, factory: Factory<unknown>, options: GetOrSetOptions): Promise<unknown>;
  delete(key: string, options: KeyOptions): Promise<boolean>;
}

/** Wraps `fn` so that its results are cached, under a key made of its name and arguments. */
export function memoizeWith<Args extends readonly unknown[], Result>(
  verbs: MemoizeVerbs,
  fn: (...args: Args) => Result | Promise<Result>,
  { key, ...options }: MemoizeOptions<Args>,
): Memoized<Args, Result> {
  const keyOf = keyMaker(fn, key);
  const { version } = options;
  const where: KeyOptions = version === undefined ? {} : { version };

  const memoized = async (...args: Args): Promise<unknown> =>
    verbs.getOrSet(keyOf(...args), () => fn(...args), options);
  const more = {
    invalidate: async (...args: Args) => verbs.delete(keyOf(...args), where),
    refresh: async (...args: Args) => verbs.refresh(keyOf(...args), () => fn(...args), options),
  };
  return Object.assign(memoized, more) as Memoized<Args, Result>; // what is cached is what fn gave
}

function keyMaker<Args extends readonly unknown[]>(
  fn: { readonly name: string },
  key: MemoizeOptions<Args>["key"],
): (...args: Args) => string {
  requireFunction("What memoize wraps", fn);
  if (typeof key === "function") return key;
  const name = key ?? fn.name;
  if (typeof name !== "string" || name === "") {
    throw new ConfigurationError(
      "key",
      "An anonymous function needs the option `key` to be memoized.",
    );
  }
  return (...args) => argumentKey(name, args);
}
