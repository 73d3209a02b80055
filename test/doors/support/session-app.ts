import type { SessionCookieOptions } from "../../../src/adapters/http-session/options.ts";
import type { Sessions } from "../../../src/contracts/sessions.ts";

/** What the test application of every framework is started with. */
export interface SessionAppOptions {
  readonly sessions: Sessions;
  readonly cookie?: SessionCookieOptions;
  readonly onStoreError?: "fail" | "anonymous";
}

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
