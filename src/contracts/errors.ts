export { CacheError, type Caused, type KeyContext, ValueError } from "./errors/cache-error.ts";
export { LockLostError, LockTimeoutError } from "./errors/lock-errors.ts";
export {
  CommandTimeoutError,
  isStoreFailure,
  mayBeApplied,
  type OperationContext,
  OverloadedError,
  ServerRefusedError,
  StoreFailure,
  StoreUnavailableError,
} from "./errors/store-errors.ts";
export {
  ClosedError,
  ConfigurationError,
  FactoryTimeoutError,
  SessionInterruptedError,
  UnknownCacheError,
} from "./errors/usage-errors.ts";
export {
  CacheMissError,
  CounterOverflowError,
  DecodeError,
  EncodeError,
  NotAnIntegerError,
  type SizeBound,
  ValueTooLargeError,
  WrongTypeError,
} from "./errors/value-errors.ts";
