export type {
  FoundSession,
  SessionBase,
  SessionData,
  SessionLayout,
  SessionStore,
  SessionStoreOptions,
  SessionWriting,
} from "../contracts/session-store.ts";
export type {
  DestroyAllOptions,
  LoadOptions,
  OfUser,
  Session,
  SessionSummary,
  Sessions,
  SessionsOptions,
} from "../contracts/sessions.ts";
export { isSessionId } from "./session-id.ts";
export { createSessions } from "./sessions.ts";
export { openSessionStore } from "./store/open-session-store.ts";
