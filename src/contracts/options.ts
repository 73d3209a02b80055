import type { ConnectionOptions as TlsOptions } from "node:tls";
import type { Clock } from "../kit/clock.ts";
import type { Duration } from "../kit/duration.ts";
import type { Compressor } from "./compressor.ts";
import type { CacheListeners } from "./events.ts";
import type { Serializer } from "./serializer.ts";

/** Where the cache logs ignored errors and listeners that throw: `console`, pino, winston … */
export interface Logger {
  error(message: string, ...details: unknown[]): void;
}

/** The serializers that come with the library. */
export type SerializerName = "auto" | "json" | "msgpack" | "raw";

/** The compressors that come with the library. */
export type CompressorName = "none" | "zlib" | "gzip" | "brotli" | "zstd" | "lz4" | "lzma";

/** Builds a stored key. The result must contain `key` unchanged, otherwise patterns cannot work. */
export type KeyFunction = (key: string, prefix: string, version: number) => string;

/** Returns the caller's key in a stored key. */
export type ReverseKeyFunction = (storedKey: string) => string;

/** When a circuit opens; see {@link CacheOptions.circuitBreaker}. */
export interface CircuitBreakerOptions {
  /**
   * How many failures in a row open the circuit: calls that timed out, lost connections, failed attempts to
   * connect. A whole number, 1 or more.
   *
   * @default 5
   */
  readonly threshold?: number | undefined;

  /**
   * While the circuit is open, one call per `cooldown` goes through to try, beside the probes. More than 0.
   *
   * @default "1s"
   */
  readonly cooldown?: Duration | undefined;
}

/** The bounds of a near cache; see {@link CacheOptions.nearCache}. */
export interface NearCacheOptions {
  /**
   * How many values it holds; it evicts the least recently used first. A whole number, 1 to 16,777,216.
   * It reserves room for all of them at once.
   *
   * @default 10_000
   */
  readonly maxEntries?: number | undefined;

  /**
   * How large they may be together: values in bytes as stored, keys in UTF-16 units. It does not hold a larger
   * value. In memory a value takes several times that. A whole number, 1 or more.
   *
   * @default 67_108_864 (64 MiB)
   */
  readonly maxBytes?: number | undefined;

  /**
   * How long it holds a value at most; never longer than the key lives in Redis. More than 0.
   *
   * @default null (as long as in Redis)
   */
  readonly maxAge?: Duration | undefined;
}

/**
 * Options of {@link createCache}. All are optional; an unknown name is a `ConfigurationError`.
 *
 * @example
 * createCache({ location: "redis://127.0.0.1:6379/1", keyPrefix: "shop", ttl: "10m", ignoreErrors: true });
 */
export interface CacheOptions {
  /**
   * Where the cache keeps its values: `"memory:"`, `"memory:name"` (one store per name and process),
   * `"dummy:"` (stores nothing), `"redis://[user[:pass]@]host[:port][/db]"`, `"rediss://…"`,
   * `"valkey://…"`, `"valkeys://…"`, `"unix://[user[:pass]@]/path.sock?db=0"`. `?db=` takes
   * precedence over the path. The cache percent-decodes user, password and path.
   *
   * @default "memory:"
   */
  readonly location?: string | undefined;

  /** A connected node-redis client of yours, instead of `location`. The cache never closes it. */
  readonly client?: unknown;

  /** The ACL user, unless the URL names one. @default the server's default user */
  readonly username?: string | undefined;

  /** The password, unless the URL carries one. @default none */
  readonly password?: string | undefined;

  /**
   * The lifetime of a write that names none. `null`: keys never expire. Zero or less: the cache keeps nothing.
   *
   * @default 300 (seconds)
   */
  readonly ttl?: Duration | undefined;

  /**
   * The first part of the stored key `prefix:version:key`.
   *
   * @default ""
   */
  readonly keyPrefix?: string | undefined;

  /**
   * The second part of the stored key, a whole number.
   *
   * @default 1
   */
  readonly version?: number | undefined;

  /** Replaces the key layout. Without `reverseKeyFunction` it is a `TypeError`. */
  readonly keyFunction?: KeyFunction | undefined;

  /** Reverses `keyFunction`. */
  readonly reverseKeyFunction?: ReverseKeyFunction | undefined;

  /**
   * How the cache encodes values. `"auto"`: plain JSON text where JSON returns the value unchanged, MessagePack
   * otherwise. `"raw"` takes text or bytes, stores them as they are and returns a `Buffer`.
   *
   * @default "auto"
   */
  readonly serializer?: SerializerName | Serializer | undefined;

  /**
   * How the cache compresses large values. `"zstd"` needs Node >= 22.15 or an optional package, `"lz4"`
   * and `"lzma"` an optional package; a missing one is a `ConfigurationError` that names it.
   *
   * @default "none"
   */
  readonly compressor?: CompressorName | Compressor | undefined;

  /**
   * The cache leaves smaller encoded values uncompressed. In bytes, 0 or more.
   *
   * @default 1024
   */
  readonly compressMinBytes?: number | undefined;

  /**
   * The cache refuses larger encoded or decompressed values with `ValueTooLargeError`. In bytes, 1 or more.
   *
   * @default 67_108_864 (64 MiB)
   */
  readonly maxValueBytes?: number | undefined;

  /**
   * On every method, an unreachable store counts as a miss, or as a write that did not happen. Bugs and bad
   * arguments still throw.
   *
   * @default false
   */
  readonly ignoreErrors?: boolean | undefined;

  /**
   * Logs each ignored error to `logger`; during an outage, one line when the circuit opens and one when it closes.
   *
   * @default false
   */
  readonly logIgnoredErrors?: boolean | undefined;

  /** @default console */
  readonly logger?: Logger | undefined;

  /**
   * How long opening a connection may take: TCP and TLS. The handshake that follows counts as a command. The very
   * first call settles within 100 ms more. Once there has been a connection, calls wait for the next one no
   * longer than `commandTimeout`.
   *
   * @default "2s"
   */
  readonly connectTimeout?: Duration | undefined;

  /**
   * How long the server may take to answer one command, including a new connection after a lost one. The cache
   * closes a connection that stays silent longer.
   *
   * @default "500ms"
   */
  readonly commandTimeout?: Duration | undefined;

  /**
   * Redis only: after several failures in a row, calls fail at once with `StoreUnavailableError` instead of waiting
   * for their timeouts. Meanwhile the cache probes the server in the background; the circuit closes as soon as the
   * server answers. `false`: every call tries for itself.
   *
   * @default { threshold: 5, cooldown: "1s" }
   */
  readonly circuitBreaker?: CircuitBreakerOptions | false | undefined;

  /**
   * Redis only: how many calls may be in flight on one connection. Further calls fail at once with
   * `OverloadedError`, unsent. A bulk call counts once. A whole number, 1 or more.
   *
   * @default 10_000
   */
  readonly maxPending?: number | undefined;

  /**
   * Redis only: how many bytes these calls may send together, 1 or more; text counts in UTF-16 units. While less
   * than that is in flight, the cache sends the next call whole, however large.
   *
   * @default 67_108_864 (64 MiB)
   */
  readonly maxPendingBytes?: number | undefined;

  /**
   * Redis only: coalesces the reads (`get` and similar) of one turn of the event loop: equal keys once, the others
   * in one `MGET` per 128 keys. A lone read is a `GET`, and no read leaves later than it would alone. A read sees
   * every write of its key that the turn made before it. The cache reads values that are not plain text a second time, until it knows that it holds
   * values of that kind.
   *
   * @default true
   */
  readonly coalesce?: boolean | undefined;

  /**
   * How many keys the server inspects per SCAN step, 1 or more.
   *
   * @default 1000
   */
  readonly scanCount?: number | undefined;

  /**
   * Memory only: how many keys the cache keeps, 1 to 16,777,216; it evicts the least recently used first. It
   * reserves room for all of them at once.
   *
   * @default 10_000
   */
  readonly maxEntries?: number | undefined;

  /**
   * Redis only: keeps recently read values in this process until the server reports that their key changed, no
   * matter who changed it. Reading one of them takes no round trip. Readers share plain data (what JSON can
   * express), which is frozen; the cache decodes anything else anew for each read.
   *
   * The first read opens a second connection, on which Redis 6 or newer reports changes by RESP3 client tracking.
   * While the server does not report, every read asks it: after a lost connection the cache serves nothing old, and
   * when the connection dies unnoticed, nothing older than 2 seconds. If the server or the user does not allow
   * tracking, the cache emits one `error` event with a `ConfigurationError`. It duplicates a `client` of yours for the
   * second connection; if it cannot, `createCache` throws a `ConfigurationError`.
   *
   * `"memory:"` and `"dummy:"`, which may stand in for a server, check the option and otherwise ignore it.
   *
   * @default false
   */
  readonly nearCache?: NearCacheOptions | boolean | undefined;

  /** Memory only: the clock that measures lifetimes. Tests pass one that they advance by hand. */
  readonly clock?: Clock | undefined;

  /** Node's TLS options for `rediss:`. The cache verifies certificates unless you turn that off here by name. */
  readonly tls?: TlsOptions | undefined;

  /** The first listeners; see {@link Cache.on}. */
  readonly events?: CacheListeners | undefined;

  /**
   * The name that events, statistics and errors carry.
   *
   * @default the alias, or "default"
   */
  readonly name?: string | undefined;
}
