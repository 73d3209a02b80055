import type { ConnectionOptions as TlsOptions } from "node:tls";
import type { Clock } from "../kit/clock.ts";
import type { Duration } from "../kit/duration.ts";
import type { Compressor } from "./compressor.ts";
import type { CacheListeners } from "./events.ts";
import type { Serializer } from "./serializer.ts";

/** Where ignored errors and throwing listeners are written: `console`, pino, winston … */
export interface Logger {
  error(message: string, ...details: unknown[]): void;
}

/** The serializers that come with the library. */
export type SerializerName = "auto" | "json" | "msgpack" | "raw";

/** The compressors that come with the library. */
export type CompressorName = "none" | "zlib" | "gzip" | "brotli" | "zstd" | "lz4" | "lzma";

/** Builds a stored key. The result must hold `key`'s text as it is, or patterns cannot work. */
export type KeyFunction = (key: string, prefix: string, version: number) => string;

/** Takes the caller's key out of a stored key. */
export type ReverseKeyFunction = (storedKey: string) => string;

/** When a circuit opens; see {@link CacheOptions.circuitBreaker}. */
export interface CircuitBreakerOptions {
  /**
   * How many failures in a row open it: calls without an answer in time, connections lost, attempts
   * to connect that failed. A whole number, 1 or more.
   *
   * @default 5
   */
  readonly threshold?: number | undefined;

  /**
   * While it is open, one call in this time is let through to try, beside the probes. More than 0.
   *
   * @default "1s"
   */
  readonly cooldown?: Duration | undefined;
}

/** What bounds a near cache; see {@link CacheOptions.nearCache}. */
export interface NearCacheOptions {
  /**
   * How many values it holds; the least recently used goes first. A whole number, 1 to 16,777,216.
   * Room for all is set aside at once.
   *
   * @default 10_000
   */
  readonly maxEntries?: number | undefined;

  /**
   * How much they may take, in bytes as stored, and keys by their UTF-16 units. A larger value is
   * not held. In memory a value takes several times that. A whole number, 1 or more.
   *
   * @default 67_108_864 (64 MiB)
   */
  readonly maxBytes?: number | undefined;

  /**
   * How long it holds a value at the most; never longer than the key lives in Redis. More than 0.
   *
   * @default null (as long as in Redis)
   */
  readonly maxAge?: Duration | undefined;
}

/** Options of {@link createCache}. All are optional; an unknown name is a `ConfigurationError`. */
export interface CacheOptions {
  /**
   * Where the values live: `"memory:"`, `"memory:name"` (one store per name and process),
   * `"dummy:"` (stores nothing), `"redis://[user[:pass]@]host[:port][/db]"`, `"rediss://…"`,
   * `"valkey://…"`, `"valkeys://…"`, `"unix://[user[:pass]@]/path.sock?db=0"`. `?db=` wins over the
   * path; user, password and path are percent-decoded.
   *
   * @default "memory:"
   */
  readonly location?: string | undefined;

  /** A connected node-redis client of yours, instead of `location`. Never closed by the cache. */
  readonly client?: unknown;

  /** The ACL user, where the URL names none. @default the server's default user */
  readonly username?: string | undefined;

  /** The password, where the URL carries none. @default none */
  readonly password?: string | undefined;

  /**
   * The lifetime of a write that names none. `null`: for ever. Zero or less: nothing is kept.
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

  /** Replaces the key layout. Needs `reverseKeyFunction`, else `TypeError`. */
  readonly keyFunction?: KeyFunction | undefined;

  /** Undoes `keyFunction`. */
  readonly reverseKeyFunction?: ReverseKeyFunction | undefined;

  /**
   * How values become bytes. `"auto"`: plain JSON text wherever JSON gives the value back
   * unchanged, MessagePack otherwise. `"raw"` takes text or bytes, stores them as they are and
   * gives back a `Buffer`.
   *
   * @default "auto"
   */
  readonly serializer?: SerializerName | Serializer | undefined;

  /**
   * What makes large values smaller. `"zstd"` needs Node >= 22.15 or an optional package, `"lz4"`
   * and `"lzma"` an optional package; a missing one is a `ConfigurationError` that names it.
   *
   * @default "none"
   */
  readonly compressor?: CompressorName | Compressor | undefined;

  /**
   * Smaller encoded values are not compressed. In bytes, 0 or more.
   *
   * @default 1024
   */
  readonly compressMinBytes?: number | undefined;

  /**
   * Larger encoded, or decompressed, values are refused with `ValueTooLargeError`. In bytes, 1 or more.
   *
   * @default 67_108_864 (64 MiB)
   */
  readonly maxValueBytes?: number | undefined;

  /**
   * An unreachable store counts as a miss, or as not done, on every method. Bugs and bad
   * arguments still throw.
   *
   * @default false
   */
  readonly ignoreErrors?: boolean | undefined;

  /**
   * Writes each ignored error to `logger`.
   *
   * @default false
   */
  readonly logIgnoredErrors?: boolean | undefined;

  /** @default console */
  readonly logger?: Logger | undefined;

  /**
   * How long opening a connection may take: TCP and TLS. Signing in, which follows, counts as a
   * command. The first call of all ends within a tenth of a second more; once there has been a
   * connection, calls that wait for another wait no longer than `commandTimeout`.
   *
   * @default "2s"
   */
  readonly connectTimeout?: Duration | undefined;

  /**
   * How long the server may take to answer one command, a new connection included where the old one
   * was lost. A connection that stays silent past it is given up.
   *
   * @default "500ms"
   */
  readonly commandTimeout?: Duration | undefined;

  /**
   * Redis only: after several failures in a row calls fail at once, with `StoreUnavailableError`,
   * instead of waiting each for its timeout. Meanwhile the server is probed in the background; the
   * circuit closes as soon as it answers. `false`: every call tries for itself.
   *
   * @default { threshold: 5, cooldown: "1s" }
   */
  readonly circuitBreaker?: CircuitBreakerOptions | false | undefined;

  /**
   * Redis only: how many calls may be in flight over one connection; further ones fail at once with
   * `OverloadedError`, unsent. A call of many keys is one. A whole number, 1 or more.
   *
   * @default 10_000
   */
  readonly maxPending?: number | undefined;

  /**
   * Redis only: how much they may have to send together, in bytes, 1 or more; text counts by its
   * UTF-16 units. While less than that is in flight, the next call goes out whole, however large.
   *
   * @default 67_108_864 (64 MiB)
   */
  readonly maxPendingBytes?: number | undefined;

  /**
   * Redis only: the reads (`get` and its like) of one turn of the event loop travel together, equal keys once,
   * the others as one `MGET` for each 128. A lone read is a `GET`, and none leaves later for it. A read that
   * was asked for after a write of its key sees that write. Values that are no plain text are asked for once more,
   * until a cache is known to hold such.
   *
   * @default true
   */
  readonly coalesce?: boolean | undefined;

  /**
   * How many keys the server looks at per SCAN step, 1 or more.
   *
   * @default 1000
   */
  readonly scanCount?: number | undefined;

  /**
   * Memory only: how many keys are kept, 1 to 16,777,216; the least recently used goes first. Room
   * for all is set aside at once.
   *
   * @default 10_000
   */
  readonly maxEntries?: number | undefined;

  /**
   * Redis only: values read lately stay in this process, until the server tells that their key
   * changed, whoever changed it. A read of one costs no round trip. Plain data (what JSON can say) is
   * handed out frozen and shared; anything else is decoded anew for each read.
   *
   * It takes a connection of its own, opened by the first read, over which Redis 6 or newer tells
   * of changes by RESP3 client tracking. While it does not, every read asks the server: after a
   * lost connection nothing old is served, and where the connection dies unnoticed nothing that is
   * older than 2 seconds. A server or user that may not do it is told of by one `error` event, with
   * a `ConfigurationError`. A `client` of yours is duplicated for it; one that cannot be is a
   * `ConfigurationError` of `createCache`.
   *
   * In `"memory:"` and `"dummy:"`, which may stand in for a server, it is checked and has no effect.
   *
   * @default false
   */
  readonly nearCache?: NearCacheOptions | boolean | undefined;

  /** Memory only: the clock that lifetimes are measured with, to be turned by hand in tests. */
  readonly clock?: Clock | undefined;

  /** Node's TLS options for `rediss:`. Certificates are verified unless turned off here by name. */
  readonly tls?: TlsOptions | undefined;

  /** Listeners to start with; see {@link Cache.on}. */
  readonly events?: CacheListeners | undefined;

  /**
   * The name in events, statistics and errors.
   *
   * @default the alias, or "default"
   */
  readonly name?: string | undefined;
}
