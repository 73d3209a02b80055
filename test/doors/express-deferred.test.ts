import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Session, Sessions } from "../../src/sessions/index.ts";
import { until } from "../support/until.ts";
import { type Answer, open, ways } from "./support/deferred-stage.ts";
import { slowSessions, storedFields, withSave } from "./support/express-stage.ts";
import { largeFile, page, withPages } from "./support/pages.ts";
import { memorySessions } from "./support/sessions.ts";

withPages();

/** Returns a stage, what it takes to let its responses leave, and the sessions as they are without that. */
async function openSlow(answer: Answer) {
  const quick = memorySessions();
  const slow = slowSessions(quick);
  const stage = await open(answer, { sessions: slow.sessions });
  return { ...slow, quick, stage };
}

/** Returns a session that is stored. */
async function begun(sessions: Sessions): Promise<Session> {
  const session = await sessions.load(undefined);
  await session.set("size", "large").save();
  return session;
}

describe("a response whose session has changed", () => {
  test.each(Object.entries(ways))(
    "leaves after the session is stored, and whole: %s",
    async (way, answer) => {
      const steps: string[] = [];
      const sessions = withSave(memorySessions(), async (save) => {
        await wait(20); // a response that does not wait would be there
        const isWritten = await save();
        steps.push("stored");
        return isWritten;
      });
      const stage = await open(answer, { sessions });
      const { stream, status, setCookies } = await stage.browser.open("GET", "/");
      steps.push("arrived");
      const body = (await stream.setEncoding("utf8").toArray()).join("");
      expect(steps.slice(0, 2)).toEqual(["stored", "arrived"]);
      expect(body).toBe(way === "json" ? JSON.stringify(page) : page);
      expect(status).toBe(200);
      expect(setCookies).toHaveLength(1);
      expect(await storedFields(stage)).toEqual({ colour: "red" });
    },
  );

  test("does not send a byte before that", async () => {
    const { stage, saving, release } = await openSlow((response) => {
      response.writeHead(200);
      response.flushHeaders();
      response.write(page);
    });
    const socket = connect(Number(new URL(stage.url).port), "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    socket.write("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
    await saving;
    await wait(20);
    expect(socket.bytesRead).toBe(0);
    release();
    await once(socket, "data");
    expect(socket.bytesRead).toBeGreaterThan(0);
  });

  test("redirects", async () => {
    const { browser } = await open((response) => response.redirect(303, "/elsewhere"));
    const { status, headers, setCookies } = await browser.post("/");
    expect({ status, location: headers.location }).toEqual({ status: 303, location: "/elsewhere" });
    expect(setCookies).toHaveLength(1);
  });

  test("to HEAD has the headers of GET, and no body", async () => {
    const { browser } = await open((response) => response.send(page));
    const { status, headers, body } = await browser.send("HEAD", "/");
    expect({ status, body }).toEqual({ status: 200, body: "" });
    expect(headers["content-length"]).toBe(String(page.length));
    expect(headers["set-cookie"]).toHaveLength(1);
  });

  test("that the visitor has already is a 304", async () => {
    const { browser } = await open((response) => response.json(page));
    const { headers } = await browser.get("/");
    const again = await browser.get("/", { headers: { "if-none-match": String(headers.etag) } });
    expect(again).toMatchObject({ status: 304, body: "" });
  });

  test("keeps the length that Node finds out for a single end", async () => {
    const { browser } = await open((response) => response.end(page));
    const { headers } = await browser.get("/");
    expect(headers["content-length"]).toBe(String(page.length));
    expect(headers["transfer-encoding"]).toBeUndefined();
  });

  test("keeps its trailers", async () => {
    const { browser } = await open((response) => {
      response.setHeader("Trailer", "X-Sum");
      response.write(page);
      response.addTrailers({ "X-Sum": "42" });
      response.end();
    });
    const { stream } = await browser.open("GET", "/");
    await stream.toArray();
    expect(stream.trailers).toEqual({ "x-sum": "42" });
  });

  test("of several megabytes arrives whole, through every pause of the connection", async () => {
    const { browser } = await open((response) => response.sendFile(largeFile));
    const { body } = await browser.get("/");
    expect(body).toBe("0123456789abcdef".repeat(200_000));
  });

  test("streams events one by one", async () => {
    let sendSecond = (): void => undefined;
    const { browser } = await open((response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.flushHeaders();
      response.write("data: 1\n\n");
      sendSecond = () => void response.end("data: 2\n\n");
    });
    const { stream } = await browser.open("GET", "/");
    const [first] = await once(stream.setEncoding("utf8"), "data");
    expect(first).toBe("data: 1\n\n");
    sendSecond();
    expect(await stream.toArray()).toEqual(["data: 2\n\n"]);
  });
});

describe("a visitor who goes away while the response is deferred", () => {
  test.each(Object.entries(ways))(
    "harms nobody, and the session is stored: %s",
    async (_way, answer) => {
      const { stage, quick, saving, release } = await openSlow(async (response, request) => {
        // What a pipeline makes of it is the handler's to know.
        await Promise.resolve(answer(response, request)).catch(() => undefined);
      });
      const { id } = await begun(quick);
      const leaving = new AbortController();
      const headers = { cookie: `sessionid=${id}` };
      const asking = fetch(stage.url, { headers, signal: leaving.signal });
      await saving;
      leaving.abort();
      await expect(asking).rejects.toThrow("aborted");
      release();
      await until("the session is stored", async () => {
        return (await quick.load(id)).get("colour") === "red";
      });
      expect(stage.errors).toEqual([]);
    },
  );

  test("is told to the handler as ever", async () => {
    let isClosed = false;
    const { stage, saving, release } = await openSlow((response) => {
      response.on("close", () => (isClosed = true));
      response.write("first");
    });
    const leaving = new AbortController();
    const asking = fetch(stage.url, { signal: leaving.signal });
    await saving;
    leaving.abort();
    await expect(asking).rejects.toThrow("aborted");
    await until("the response is closed", () => isClosed);
    release();
  });

  test("a response that its handler destroys is as gone as ever", async () => {
    const stage = await open((response) => {
      response.write("first");
      response.destroy();
      response.end("last");
    });
    await expect(stage.browser.get("/")).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(stage.errors).toEqual([]);
  });
});

test("every step of a deferred response keeps the async context of its request", async () => {
  const requests = new AsyncLocalStorage<string>();
  const seen: Record<string, string | undefined> = {};
  const note = (where: string) => () => void (seen[where] = requests.getStore());
  const { browser } = await open(
    async (response) => {
      note("handler")();
      response.write("first ", note("write"));
      response.once("drain", note("drain"));
      await once(response, "drain");
      note("after drain")();
      response.end("last", note("end"));
    },
    { before: (app) => app.use((_request, _response, next) => requests.run("outer", next)) },
  );
  await browser.get("/");
  await until("the end is called back", () => "end" in seen);
  expect(seen).toMatchObject({ handler: "outer", write: "outer", drain: "outer" });
  expect(seen["after drain"]).toBe("outer");
});

test("a stream into a deferred response begins when it leaves", async () => {
  const { browser } = await open((response) => {
    response.flushHeaders();
    Readable.from(["a", "b", "c"]).pipe(response);
  });
  expect((await browser.get("/")).body).toBe("abc");
});
