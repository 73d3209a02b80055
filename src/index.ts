export type {
  AddOptions,
  BulkLoader,
  Cache,
  DeletePatternOptions,
  Entries,
  Factory,
  FactoryContext,
  GetOptions,
  GetOrSetOptions,
  IncrOptions,
  KeyOptions,
  Lock,
  LockOptions,
  Memoized,
  MemoizeOptions,
  RawClientOptions,
  ScanOptions,
  SetManyOptions,
  SetOptions,
} from "./contracts/cache.ts";
export type { Compressor } from "./contracts/compressor.ts";
export {
  CacheError,
  CacheMissError,
  ClosedError,
  CommandTimeoutError,
  ConfigurationError,
  CounterOverflowError,
  DecodeError,
  EncodeError,
  FactoryTimeoutError,
  LockLostError,
  LockTimeoutError,
  NotAnIntegerError,
  OverloadedError,
  ServerRefusedError,
  SessionInterruptedError,
  StoreUnavailableError,
  UnknownCacheError,
  ValueTooLargeError,
  WrongTypeError,
} from "./contracts/errors.ts";
export type {
  CacheEventName,
  CacheEvents,
  CacheListener,
  CacheListeners,
  CacheStats,
  CircuitEvent,
  CircuitState,
  ConnectionEvent,
  ErrorEvent,
  KeyEvent,
  NearStats,
} from "./contracts/events.ts";
export type {
  CacheOptions,
  CircuitBreakerOptions,
  CompressorName,
  KeyFunction,
  Logger,
  NearCacheOptions,
  ReverseKeyFunction,
  SerializerName,
} from "./contracts/options.ts";
export type { Encoded, Serializer } from "./contracts/serializer.ts";
export { createCache } from "./create-cache.ts";
export { type CacheCollection, type Caches, createCaches } from "./create-caches.ts";
export type { Clock } from "./kit/clock.ts";
export type { Duration } from "./kit/duration.ts";
