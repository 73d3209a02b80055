import { once } from "node:events";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as wait } from "node:timers/promises";
import type { ErrorRequestHandler, Express, Request, Response } from "express";
import { describe, expect, test } from "vitest";
import type { Sessions } from "../../src/sessions/index.ts";
import { until } from "../support/until.ts";
import { sessionOf } from "./apps/express-app.ts";
import { type ExpressStage, openExpress } from "./support/express-stage.ts";
import { memorySessions, unreachableSessions } from "./support/sessions.ts";

/** Answers a request whose session cannot be stored. */
type Answer = (response: Response, request: Request) => unknown;

/** Answers an error. */
type ErrorAnswer = (error: unknown, response: Response) => unknown;

/** An application whose visitor has a session, which is destroyed while `POST /` is under way. */
async function openInterrupted(answer: Answer, onError?: ErrorAnswer): Promise<ExpressStage> {
  const sessions = memorySessions();
  const addRoutes = (app: Express): void => {
    app.get("/", (request, response) => {
      response.json(Object.fromEntries(sessionOf(request).set("size", "large").entries()));
    });
    app.post("/", async (request, response) => {
      const session = sessionOf(request).set("colour", "red");
      await (await sessions.load(session.id)).destroy();
      await answer(response, request);
    });
    if (onError) app.use(handlingErrors(onError));
  };
  const stage = await openExpress(addRoutes, { sessions });
  await stage.browser.get("/");
  return stage;
}

function handlingErrors(onError: ErrorAnswer): ErrorRequestHandler {
  return (error, _request, response, _next) => {
    onError(error, response);
  };
}

/** An application whose store nobody serves. */
async function openUnreachable(answer: Answer): Promise<ExpressStage> {
  return openChanging(await unreachableSessions(), answer);
}

function openChanging(sessions: Sessions, answer: Answer): Promise<ExpressStage> {
  const addRoutes = (app: Express): void => {
    app.post("/", async (request, response) => {
      sessionOf(request).set("colour", "red");
      await answer(response, request);
    });
  };
  return openExpress(addRoutes, { sessions });
}

/** Writes all along, and looks at nothing. */
async function chatter(response: Response): Promise<void> {
  for (let chunk = 0; chunk < 20; chunk++) {
    response.write(`chunk ${chunk}\n`);
    await wait(1);
  }
  response.end("the end\n");
}

const ways: Readonly<Record<string, Answer>> = {
  json: (response) => response.json({ ok: true }),
  end: (response) => response.end("ok"),
  redirect: (response) => response.redirect("/"),
  "writeHead and end": (response) => response.writeHead(200, { "X-One": "1" }).end("ok"),
  "flushHeaders alone": (response) => response.flushHeaders(),
  "a stream": chatter,
  "a pipe": (response) => Readable.from(chunksOf(20)).pipe(response),
  "a pipeline": (response) =>
    pipeline(Readable.from(chunksOf(20)), response).catch(() => undefined),
};

async function* chunksOf(count: number): AsyncGenerator<string> {
  for (let chunk = 0; chunk < count; chunk++) {
    yield `chunk ${chunk}\n`;
    await wait(1);
  }
}

describe("a response whose session cannot be stored", () => {
  test.each(Object.entries(ways))(
    "is that of the error handling, with status 400 where it was destroyed: %s",
    async (_way, answer) => {
      const { browser, errors } = await openInterrupted(answer);
      const { status, body, setCookies } = await browser.post("/");
      expect(status).toBe(400);
      expect(body).toContain("<!DOCTYPE html>");
      expect(body).not.toContain("chunk");
      expect(setCookies).toEqual([]);
      expect(errors).toMatchObject([{ code: "SESSION_INTERRUPTED", status: 400 }]);
    },
  );

  test.each(Object.entries(ways))(
    "is that of the error handling, with status 503 where the store is not reached: %s",
    async (_way, answer) => {
      const { browser, errors } = await openUnreachable(answer);
      const { status, setCookies } = await browser.post("/");
      expect(status).toBe(503);
      expect(setCookies).toEqual([]);
      expect(errors).toMatchObject([{ code: "STORE_UNAVAILABLE", status: 503 }]);
    },
  );

  test("is that of the error handling, with status 500 where the session cannot be encoded", async () => {
    const { browser, errors } = await openChanging(memorySessions(), (response, request) => {
      sessionOf(request).set("total", () => 42);
      response.json({ ok: true });
    });
    expect((await browser.post("/")).status).toBe(500);
    expect(errors).toMatchObject([{ code: "ENCODE" }]);
  });

  test("keeps what goes with any answer, and drops what told of the body", async () => {
    const { browser } = await openInterrupted((response) => {
      response.set({ "X-Request-Id": "7", "Access-Control-Allow-Origin": "*" });
      response.set({ "Content-Encoding": "br", "Content-Disposition": "attachment" });
      response.set({ "Cache-Control": "public, max-age=600", ETag: '"1"', Location: "/there" });
      response.cookie("seen", "1").status(201).json({ ok: true });
    });
    const { headers, setCookies } = await browser.post("/");
    expect(headers).toMatchObject({ "x-request-id": "7", "access-control-allow-origin": "*" });
    expect(setCookies).toEqual(["seen=1; Path=/"]);
    for (const name of ["encoding", "disposition"]) {
      expect(headers[`content-${name}`]).toBeUndefined();
    }
    for (const name of ["cache-control", "etag", "location"] as const) {
      expect(headers[name]).toBeUndefined();
    }
  });

  test("is no success where the error handling names no status", async () => {
    const { browser } = await openInterrupted(
      (response) => response.status(201).json({ ok: true }),
      (_error, response) => response.json({ ok: false }),
    );
    expect(await browser.post("/")).toMatchObject({ status: 400, body: '{"ok":false}' });
  });

  test("is answered though wrappers believe that it was sent, and still send", async () => {
    const { browser } = await openInterrupted((response) => {
      const write = response.write.bind(response) as (chunk: string) => boolean;
      const end = response.end.bind(response);
      let hasEnded = false;
      response.end = ((chunk: string) => {
        if (hasEnded) return response;
        hasEnded = true;
        setTimeout(() => write(`${chunk} in a while`), 20);
        setTimeout(end, 25);
        return write("first");
      }) as unknown as Response["end"];
      response.json({ ok: true });
    });
    const { status, body } = await browser.post("/");
    expect(status).toBe(400);
    expect(body).toContain("<!DOCTYPE html>");
    expect(body).not.toContain("while");
  });

  test("may be answered later, while its handler goes on to stream", async () => {
    const { browser } = await openInterrupted(chatter, async (_error, response) => {
      response.status(418);
      await wait(5);
      response.send("sorry");
    });
    expect(await browser.post("/")).toMatchObject({ status: 418, body: "sorry" });
  });

  test("may be answered by a stream, while its handler goes on to stream", async () => {
    const { browser } = await openInterrupted(chatter, (_error, response) => {
      response.status(418).type("text");
      Readable.from(["so", "rry"]).pipe(response);
    });
    expect(await browser.post("/")).toMatchObject({ status: 418, body: "sorry" });
  });

  test("may be answered out of the async context of its error", async () => {
    const waiting: Response[] = [];
    const answering = setInterval(() => {
      for (const response of waiting.splice(0)) response.status(418).send("sorry");
    }, 1);
    const { browser } = await openInterrupted(chatter, (_error, response) =>
      waiting.push(response),
    );
    const answer = await browser.post("/");
    clearInterval(answering);
    expect(answer).toMatchObject({ status: 418, body: "sorry" });
  });

  test("tells its handler's callbacks that nothing was sent", async () => {
    const told: unknown[] = [];
    const { browser } = await openInterrupted((response) => {
      response.write("first", (error) => told.push(error));
      response.end("last", (error?: unknown) => told.push(error));
    });
    await browser.post("/");
    const code = "SESSION_INTERRUPTED";
    expect(told).toMatchObject([{ code }, { code }]);
  });

  test("lets the handler that goes on find out, and end", async () => {
    const written: unknown[] = [];
    let hasEnded = false;
    const { browser } = await openInterrupted(async (response) => {
      response.write("first");
      await once(response, "finish"); // of the error's answer
      written.push(response.write("more", (error) => written.push(error instanceof Error)));
      response.flushHeaders();
      response.end("last", () => (hasEnded = true));
    });
    expect((await browser.post("/")).status).toBe(400);
    await until("the handler has ended", () => hasEnded);
    expect(written).toEqual([false, true]);
  });

  test("leaves the connection and the next session alone", async () => {
    const { browser } = await openInterrupted(chatter);
    expect((await browser.post("/")).status).toBe(400);
    expect((await browser.get("/")).json()).toEqual({ size: "large" });
  });
});

describe("a response that has begun to leave when its session cannot be stored", () => {
  test.each<[string, ErrorAnswer | undefined]>([
    ["as ever", undefined],
    ["by nothing", () => undefined],
    ["later", (_error, response) => void setTimeout(() => response.end("all is well"), 1)],
  ])("is cut off, with an error handling that answers %s", async (_how, onError) => {
    const stage = await openExpress((app, sessions) => {
      app.get("/", (request, response) => {
        response.json(Object.fromEntries(sessionOf(request).set("size", "large").entries()));
      });
      app.post("/", async (request, response) => {
        await new Promise((resolve) => response.write("first ", resolve));
        await (await sessions.load(sessionOf(request).id)).destroy();
        sessionOf(request).set("colour", "red");
        response.end("last");
      });
      if (onError) app.use(handlingErrors(onError));
    });
    await stage.browser.get("/");
    await expect(stage.browser.post("/")).rejects.toMatchObject({ code: "ECONNRESET" });
  });
});

describe("a session that cannot be loaded", () => {
  test("fails the request before its handler, with status 503", async () => {
    let isCalled = false;
    const { browser, errors } = await openUnreachable(() => (isCalled = true));
    const id = "a".repeat(46);
    const answer = await browser.post("/", { headers: { cookie: `sessionid=${id}` } });
    expect(answer.status).toBe(503);
    expect(errors).toMatchObject([{ code: "STORE_UNAVAILABLE", status: 503 }]);
    expect(isCalled).toBe(false);
  });
});
