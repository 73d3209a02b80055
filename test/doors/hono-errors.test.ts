import { type Context, Hono } from "hono";
import { cors } from "hono/cors";
import { HTTPException } from "hono/http-exception";
import { describe, expect, test } from "vitest";
import { type SessionEnv, sessionMiddleware } from "../../src/adapters/hono/index.ts";
import { StoreUnavailableError } from "../../src/contracts/errors.ts";
import type { Session, Sessions } from "../../src/contracts/sessions.ts";
import { until } from "../support/until.ts";
import { appOf, storedFor, withCookie } from "./support/hono-stage.ts";
import {
  destroyElsewhere,
  memorySessions,
  strangeId,
  unreachableSessions,
} from "./support/sessions.ts";

describe("an error of a handler in Hono", () => {
  /** Returns the answer to an error that was thrown after the session was written to. */
  async function answerTo(
    error: Error,
    onError?: (error: Error, c: Context) => Response,
  ): Promise<{ readonly response: Response; readonly sessions: Sessions }> {
    const sessions = memorySessions();
    const app = appOf(sessions, (c) => {
      c.get("session").set("colour", "red");
      throw error;
    });
    if (onError) app.onError(onError);
    return { response: await app.request("/"), sessions };
  }

  test("with a status below 500 keeps what was done", async () => {
    const { response, sessions } = await answerTo(new HTTPException(422));
    expect(response.status).toBe(422);
    expect(await storedFor(response, sessions)).toEqual({ colour: "red" });
  });

  test("with a status of 500 or more keeps nothing", async () => {
    const { response } = await answerTo(new HTTPException(502));
    expect(response.status).toBe(502);
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  test.each([
    [409, 1],
    [503, 0],
  ] as const)("counts by the status that app.onError() gives it: %i", async (status, cookies) => {
    const { response } = await answerTo(new Error("odd"), (_, c) => c.text("handled", status));
    expect(response.status).toBe(status);
    expect(response.headers.getSetCookie()).toHaveLength(cookies);
  });

  test("passes through where it is no Error, and keeps nothing", async () => {
    const sessions = memorySessions();
    let session: Session | undefined;
    const app = appOf(sessions, (c) => {
      session = c.get("session").set("colour", "red");
      throw "thrown text"; // oxlint-disable-line typescript/only-throw-error -- what the test is about
    });
    await expect(app.request("/")).rejects.toBe("thrown text");
    expect(session?.isNew).toBe(true);
  });
});

describe("an error of the session in Hono", () => {
  interface Failure {
    readonly response: Response;
    /** What app.onError() was given. */
    readonly error: unknown;
  }

  async function failureOf(app: Hono<SessionEnv>, request?: RequestInit): Promise<Failure> {
    let error: unknown;
    app.onError((thrown, c) => {
      error = thrown;
      return thrown instanceof HTTPException ? thrown.getResponse() : c.text("a bug", 500);
    });
    return { response: await app.request("/", request), error };
  }

  test("is an HTTPException with status 503 where it cannot be loaded", async () => {
    const app = appOf(await unreachableSessions(), (c) => c.text("not reached"));
    const { response, error } = await failureOf(app, withCookie(`sessionid=${strangeId}`));
    expect(error).toBeInstanceOf(HTTPException);
    expect(error).toHaveProperty("cause", expect.any(StoreUnavailableError));
    expect(response.status).toBe(503);
  });

  test("is an HTTPException with status 503 where it cannot be stored", async () => {
    const app = appOf(await unreachableSessions(), (c) =>
      c.json(c.get("session").set("colour", "red").isNew),
    );
    const { response, error } = await failureOf(app);
    expect(error).toBeInstanceOf(HTTPException);
    expect(error).toHaveProperty("cause", expect.any(StoreUnavailableError));
    expect(response.status).toBe(503);
  });

  test("is an HTTPException with status 400 where it was destroyed meanwhile", async () => {
    const sessions = memorySessions();
    const app = appOf(sessions, async (c) => {
      await destroyElsewhere(c.get("session").set("colour", "red"), sessions);
      c.get("session").set("colour", "blue");
      return c.text("not sent");
    });
    const { response, error } = await failureOf(app);
    expect(error).toHaveProperty("cause.code", "SESSION_INTERRUPTED");
    expect(response.status).toBe(400);
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  test("is answered by Hono with no more than its status says", async () => {
    const app = appOf(await unreachableSessions(), (c) => c.text("not reached"));
    const response = await app.request("/", withCookie(`sessionid=${strangeId}`));
    expect(response.status).toBe(503);
    expect(await response.text()).toBe("Service Unavailable");
  });

  test("passes through where it is a bug", async () => {
    const app = appOf(memorySessions(), (c) => {
      c.get("session").set("colour", Symbol("red"));
      return c.text("not sent");
    });
    const { response, error } = await failureOf(app);
    expect(error).toHaveProperty("code", "ENCODE");
    expect(response.status).toBe(500);
  });

  test("takes the handler's response back, and leaves what goes with any response", async () => {
    const app = new Hono<SessionEnv>();
    app.use(cors({ origin: "https://shop.example" }));
    app.use(sessionMiddleware({ sessions: await unreachableSessions() }));
    app.get("/", (c) => {
      c.get("session").set("colour", "red");
      const headers = { "content-length": "8", location: "/cart", "cache-control": "public" };
      c.header("Set-Cookie", "cart=full");
      return c.body("not sent", 201, headers);
    });
    const response = await app.request("/", { headers: { origin: "https://shop.example" } });
    expect(response.status).toBe(503);
    expect(await response.text()).toBe("Service Unavailable");
    expect(Object.fromEntries(response.headers)).toEqual({
      "access-control-allow-origin": "https://shop.example",
      "content-type": "text/plain;charset=UTF-8",
      "set-cookie": "cart=full",
      vary: "Origin",
    });
  });

  test("ends the stream that the handler gave", async () => {
    let reason: unknown = "none yet";
    const app = appOf(await unreachableSessions(), (c) => {
      c.get("session").set("colour", "red");
      return c.body(new ReadableStream({ cancel: (told) => void (reason = told) }));
    });
    expect((await app.request("/")).status).toBe(503);
    await until("the stream is cancelled", () => reason === undefined);
  });
});
