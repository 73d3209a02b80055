/**
 * What the types promise. Nothing here runs: `tsc` checks it against the sources, and
 * test/package/types.test.ts against the package as users get it.
 */
import {
  type Cache,
  CacheError,
  type CacheMissError,
  type Compressor,
  createCache,
  createCaches,
  type Lock,
  type Serializer,
} from "cachewell";

type Same<A, B> = [Probe<A>, Probe<B>] extends [Probe<B>, Probe<A>] ? true : false;

/** Tells even `any` from `unknown`: two of these are alike for one and the same type only. */
type Probe<A> = <T>(value: T) => T extends A ? T : never;

/** Takes a value of exactly the type named: `is<string>()(value)`. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- callers name it
declare const is: <Expected>() => <const Actual>(
  value: Same<Actual, Expected> extends true ? Actual : never,
) => void;

interface User {
  readonly id: number;
  readonly name: string;
}

export async function readingIsTyped(cache: Cache): Promise<void> {
  is<unknown>()(await cache.get("key"));
  is<User | undefined>()(await cache.get<User>("key"));
  is<User | null>()(await cache.get<User, null>("key", { default: null }));
  is<User | "nobody">()(await cache.get<User, "nobody">("key", { default: "nobody" }));
  is<User>()(await cache.getOrThrow<User>("key"));
  is<Map<string, User>>()(await cache.getMany<User>(["a", "b"]));
  is<User | undefined>()(await cache.take<User>("key"));
  is<number | null>()(await cache.ttl("key"));
}

export async function aDefaultWidensTheAnswer(cache: Cache): Promise<void> {
  const usual = await cache.get<number, string>("key", { default: "none" });
  is<string | number>()(usual);
  // @ts-expect-error: without a default, an absent key is undefined
  const sure: number = await cache.get<number>("key");
  return void sure;
}

export async function loadingIsTypedByItsFactory(cache: Cache): Promise<void> {
  is<number>()(await cache.getOrSet("key", () => 5));
  is<User>()(await cache.getOrSet("key", async (): Promise<User> => ({ id: 1, name: "Ann" })));
  is<string>()(await cache.getOrSet<string>("key", "given"));
  is<Map<string, number>>()(
    await cache.getOrSetMany(["a"], (missing) => missing.map((key) => [key, key.length] as const)),
  );
  await cache.getOrSet("key", (context) => {
    is<string>()(context.key);
    is<AbortSignal>()(context.signal);
    context.setTtl("5m");
    context.skip();
    return 1;
  });
}

export async function memoizedFunctionsKeepTheirTypes(cache: Cache): Promise<void> {
  const load = cache.memoize(
    async (id: number, name?: string): Promise<User> => ({ id, name: name ?? "" }),
    { key: "user" },
  );
  is<User>()(await load(1));
  is<User>()(await load(1, "Ann"));
  is<boolean>()(await load.invalidate(1));
  is<User>()(await load.refresh(1));
  // @ts-expect-error: an id is a number
  await load("1");
  // @ts-expect-error: an id is needed
  await load.invalidate();
}

export async function writingTakesWhatItShould(cache: Cache): Promise<void> {
  is<boolean>()(await cache.set("key", null, { ttl: null, nx: true }));
  is<string[]>()(await cache.setMany({ a: 1, b: "two" }, { ttl: "5m" }));
  is<string[]>()(await cache.setMany(new Map([["a", 1]])));
  is<string[]>()(
    await cache.setMany([
      ["a", 1],
      ["b", "two"],
    ]),
  );
  is<number | bigint>()(await cache.incr("key", 5n, { ifMissing: "create" }));
  is<boolean>()(await cache.expireAt("key", new Date()));
  is<string[]>()(await cache.keys("*", { version: 2, scanCount: 10 }));
  is<AsyncIterableIterator<string>>()(cache.iterKeys("*"));
}

export async function wrongOptionsDoNotCompile(cache: Cache): Promise<void> {
  // @ts-expect-error: a misspelt option
  await cache.set("key", 1, { tll: 5 });
  // @ts-expect-error: get takes no ttl
  await cache.get("key", { ttl: 5 });
  // @ts-expect-error: a lifetime is not a boolean
  await cache.set("key", 1, { ttl: true });
  // @ts-expect-error: a lock needs a lifetime
  await cache.lock("key", {});
  // @ts-expect-error: a key is a string
  await cache.get(5);
  // @ts-expect-error: neither throw nor create
  await cache.incr("key", 1, { ifMissing: "make" });
  // @ts-expect-error: there is no such event
  cache.on("hits", () => undefined);
  // @ts-expect-error: the name of a cache cannot be changed
  cache.name = "other";
  // @ts-expect-error: a misspelt option of a cache
  createCache({ locaton: "memory:" });
  // @ts-expect-error: an unknown serializer
  createCache({ serializer: "yaml" });
  // @ts-expect-error: a number of something is no compressor
  createCache({ compressor: 5 });
}

export async function aliasesAreTyped(): Promise<void> {
  await using caches = createCaches({ default: {}, sessions: { ttl: "14d" } });
  is<Cache>()(caches.sessions);
  is<Cache>()(caches.get("anything, known only when it runs"));
  // @ts-expect-error: there is no such alias
  void caches.session;
  // @ts-expect-error: aliases cannot be put anew
  caches.default = caches.sessions;
  // @ts-expect-error: a misspelt option
  createCaches({ default: { keyPrefx: "a" } });
}

export async function locksAreTyped(cache: Cache): Promise<void> {
  await using lock = await cache.lock("key", { ttl: 10, wait: "1s" });
  is<Lock>()(lock);
  is<number>()(lock.fence);
  is<number>()(
    await cache.withLock("key", { ttl: 10 }, (signal, held) => {
      is<AbortSignal>()(signal);
      return held.fence;
    }),
  );
}

export async function eventsAreTyped(cache: Cache): Promise<void> {
  cache
    .on("hit", ({ key }) => is<string>()(key))
    .on("error", ({ error, ignored }) => {
      is<unknown>()(error);
      is<boolean>()(ignored);
    })
    .on("disconnect", ({ cause }) => is<unknown>()(cause));
  // @ts-expect-error: a connection has no key
  cache.on("connect", ({ key }) => key);
}

export function errorsAreToldApartByCode(error: CacheMissError | CacheError): string {
  is<"CACHE_MISS">()({} as CacheMissError["code"]);
  return error instanceof CacheError ? error.code : "";
}

export function serializersAndCompressorsAreTheUsers(): Cache {
  const serializer: Serializer = {
    name: "mine",
    encode: (value) => JSON.stringify(value),
    decode: (bytes) => {
      is<Uint8Array>()(bytes);
      return null;
    },
  };
  const compressor: Compressor = {
    name: "mine",
    compress: async (bytes) => bytes,
    decompress: (bytes, maxBytes) => {
      is<number>()(maxBytes);
      return bytes;
    },
  };
  return createCache({ serializer, compressor });
}
