import type { SessionCookieOptions } from "../../../src/adapters/http-session/options.ts";
import type { Sessions } from "../../../src/contracts/sessions.ts";

/** What the test application of every framework is started with. */
export interface SessionAppOptions {
  readonly sessions: Sessions;
  readonly cookie?: SessionCookieOptions;
  readonly onStoreError?: "fail" | "anonymous";
  /** How its own error handling answers, instead of the framework's: with "sorry" in one piece, or in two. */
  readonly errorAnswer?: "text" | "stream";
}

/** The error that an application's own error handling gets of a session. */
export type SessionFailure = Error & { readonly status: number };

/** What the error handling answers with. */
export const apology = { text: "sorry", pieces: ["so", "rry"] } as const;

/** A running test application. */
export interface SessionApp {
  /** Where it answers: `http://127.0.0.1:` and its port. */
  readonly url: string;

  close(): Promise<void>;
}

/** The test application as one framework has it. */
export interface SessionAppKind {
  readonly name: string;

  /** Listens on a free port of this machine. */
  start(options: SessionAppOptions): Promise<SessionApp>;
}
