export type { Locker } from "../contracts/locker.ts";
export type {
  Destruction,
  MemberIndex,
  RecordChange,
  RecordCondition,
  RecordFields,
  RecordLifetime,
  RecordMove,
  RecordStore,
  StoredRecord,
} from "../contracts/records.ts";
export type {
  BulkRules,
  CountFailure,
  CountRules,
  Lifetime,
  ScanRules,
  Store,
  WriteRules,
} from "../contracts/store.ts";
export { cacheRules, testCacheContract } from "./cache-contract.ts";
export type { CacheContext, CacheRule, CacheSubject } from "./cache-rules/cache-rule.ts";
export {
  type FaultProxy,
  type FaultProxyTarget,
  startFaultProxy,
} from "./fault-proxy.ts";
export type { Fault } from "./faults.ts";
export {
  type MemberIndexContext,
  type MemberIndexRule,
  type MemberIndexSubject,
  memberIndexRules,
  testMemberIndexContract,
} from "./index-contract.ts";
export {
  type LockerContext,
  type LockerRule,
  type LockerSubject,
  lockerRules,
  testLockerContract,
} from "./locker-contract.ts";
export { ManualClock } from "./manual-clock.ts";
export { recordRules, testRecordContract } from "./record-contract.ts";
export type { RecordContext, RecordRule, RecordSubject } from "./record-rules/record-rule.ts";
export {
  type RedisServer,
  type RedisServerOptions,
  startRedisServer,
} from "./redis-server.ts";
export { type Exemptions, type Rule, type Runner, type Suite, testRules } from "./rules.ts";
export { sessionRules, testSessionContract } from "./session-contract.ts";
export type { SessionContext, SessionRule, SessionSubject } from "./session-rules/session-rule.ts";
export { storeRules, testStoreContract } from "./store-contract.ts";
export type { StoreContext, StoreRule, StoreSubject } from "./store-rules/store-rule.ts";
