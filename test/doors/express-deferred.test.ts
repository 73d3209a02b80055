import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as wait } from "node:timers/promises";
import { createGzip, gunzipSync } from "node:zlib";
import type { Express, Request, Response } from "express";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Session, Sessions } from "../../src/sessions/index.ts";
import { until } from "../support/until.ts";
import { sessionOf } from "./apps/express-app.ts";
import {
  type ExpressStage,
  type ExpressStageOptions,
  memorySessions,
  openExpress,
  slowSessions,
  storedFields,
  withSave,
} from "./support/express-stage.ts";

/*
 * Every response here has a changed session, so that it is deferred until the session is stored.
 */

const page = "a page that is sent whole\n";
let folder = "";
let file = "";
let largeFile = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cachewell-express-"));
  file = join(folder, "page.txt");
  largeFile = join(folder, "large.txt");
  await writeFile(file, page);
  await writeFile(largeFile, "0123456789abcdef".repeat(200_000));
});

afterAll(() => rm(folder, { recursive: true }));

/** Answers a request whose session was changed. */
type Answer = (response: Response, request: Request) => unknown;

/** Opens an application that answers every request with a changed session. */
function open(answer: Answer, options: ExpressStageOptions = {}): Promise<ExpressStage> {
  const addRoutes = (app: Express): void => {
    app.use(async (request, response) => {
      sessionOf(request).set("colour", "red");
      await answer(response, request);
    });
  };
  return openExpress(addRoutes, options);
}

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

const ways: Readonly<Record<string, Answer>> = {
  end: (response) => response.end(page),
  "end with an encoding": (response) => response.end(Buffer.from(page).toString("hex"), "hex"),
  "write and end": (response) => {
    response.write(page.slice(0, 5));
    response.write(Buffer.from(page.slice(5)));
    response.end();
  },
  "writeHead and end": (response) => response.writeHead(200).end(page),
  "flushHeaders and end": (response) => {
    response.flushHeaders();
    response.end(page);
  },
  json: (response) => response.json(page),
  send: (response) => response.send(page),
  sendFile: (response) => response.sendFile(file),
  pipe: (response) => createReadStream(file).pipe(response),
  pipeline: (response) => pipeline(createReadStream(file), response),
};

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

describe("the head of a deferred response", () => {
  const forms: readonly (readonly [string, Parameters<Response["writeHead"]>[1]])[] = [
    ["an object", { "X-One": "1", "Set-Cookie": ["a=1", "b=2"] }],
    ["names and values in turn", ["X-One", "1", "Set-Cookie", "a=1", "Set-Cookie", "b=2"]],
    ["names and lists", ["X-One", "1", "Set-Cookie", ["a=1", "b=2"]]],
  ];

  test.each(forms)(
    "has what writeHead was given as %s, and the session's",
    async (_form, given) => {
      const { browser } = await open((response) => response.writeHead(201, given).end());
      const { status, headers, setCookies } = await browser.get("/");
      expect(status).toBe(201);
      expect(headers["x-one"]).toBe("1");
      expect(setCookies).toEqual(["a=1", "b=2", expect.stringMatching(/^sessionid=/)]);
    },
  );

  test("has what writeHead was given as pairs", async () => {
    const pairs = [
      ["X-One", "1"],
      ["X-Two", "2"],
    ];
    const { browser } = await open((response) => response.writeHead(201, pairs as never).end());
    expect((await browser.get("/")).headers).toMatchObject({ "x-one": "1", "x-two": "2" });
  });

  test("has the words that writeHead was given for its status", async () => {
    const { browser } = await open((response) =>
      response.writeHead(200, "Splendid", { "X-One": "1" }).end(),
    );
    const { stream, headers } = await browser.open("GET", "/");
    expect(stream.statusMessage).toBe("Splendid");
    expect(headers["x-one"]).toBe("1");
    stream.resume();
  });

  test("has headers as their names were written", async () => {
    const { browser } = await open((response) => {
      response.setHeader("X-MiXeD", "1");
      response.writeHead(200, ["X-OtHeR", "2"]).end();
    });
    const { rawHeaders } = await browser.get("/");
    expect(rawHeaders).toEqual(expect.arrayContaining(["X-MiXeD", "X-OtHeR", "Set-Cookie"]));
  });

  test.each([
    [undefined, "Cookie"],
    ["Accept-Encoding", "Accept-Encoding, Cookie"],
    [["Accept-Encoding", "Origin"], "Accept-Encoding, Origin, Cookie"],
    ["accept, cookie", "accept, cookie"],
    ["*", "*"],
  ])("that varies by %j varies by %j", async (given, sent) => {
    const { browser } = await open((response) => {
      if (given !== undefined) response.setHeader("Vary", given);
      response.end();
    });
    expect((await browser.get("/")).headers.vary).toBe(sent);
  });

  test.each([
    [undefined, "private"],
    ["no-store", "no-store"],
    ["public, max-age=60", "public, max-age=60"],
  ])("that says %j of caches says %j", async (given, sent) => {
    const { browser } = await open((response) => {
      if (given !== undefined) response.set("Cache-Control", given);
      response.end();
    });
    expect((await browser.get("/")).headers["cache-control"]).toBe(sent);
  });

  test("is that of the moment when it was sent, whatever is set afterwards", async () => {
    const { browser } = await open((response) => {
      response.set("X-One", "1").status(201).json({ ok: true });
      response.status(500).set({ "X-One": "changed", "X-Two": "2", "Content-Length": "1" });
      response.removeHeader("Content-Type");
    });
    const { status, headers, body } = await browser.get("/");
    expect({ status, body }).toEqual({ status: 201, body: '{"ok":true}' });
    expect(headers).toMatchObject({ "x-one": "1", "content-length": "11" });
    expect(headers["content-type"]).toContain("application/json");
    expect(headers["x-two"]).toBeUndefined();
  });
});

describe("to its handler a deferred response", () => {
  test("looks as if it were leaving", async () => {
    const seen: unknown[] = [];
    const { browser } = await open((response) => {
      response.write("a");
      seen.push([response.headersSent, response.writableEnded]);
      response.end();
      seen.push(response.writableEnded);
      response.on("finish", () => seen.push([response.headersSent, response.writableEnded]));
    });
    await browser.get("/");
    await until("the response is finished", () => seen.length === 3);
    expect(seen).toEqual([[true, false], true, [true, true]]);
  });

  test("says that it is full, and drains when it has left", async () => {
    const { browser } = await open(async (response) => {
      expect(response.write("first ")).toBe(false);
      await once(response, "drain");
      expect(response.write("second ")).toBe(true);
      response.end("third");
    });
    expect((await browser.get("/")).body).toBe("first second third");
  });

  test("calls back what waits for writes and the end, in their order", async () => {
    const called: string[] = [];
    const note = (what: string) => (error?: unknown) => called.push(error ? "error" : what);
    const { browser } = await open((response) => {
      response.write("a", note("first"));
      response.write("Yg==", "base64", note("second"));
      response.end("c", "utf8", note("end"));
    });
    expect((await browser.get("/")).body).toBe("abc");
    await until("the end is called back", () => called.length === 3);
    expect(called).toEqual(["first", "second", "end"]);
  });

  test("refuses a second head, as ever", async () => {
    const refusals: unknown[] = [];
    const { browser } = await open((response) => {
      response.writeHead(201);
      try {
        response.writeHead(202);
      } catch (error) {
        refusals.push((error as NodeJS.ErrnoException).code);
      }
      response.end();
    });
    expect((await browser.get("/")).status).toBe(201);
    expect(refusals).toEqual(["ERR_HTTP_HEADERS_SENT"]);
  });

  test("refuses at once a header that cannot be", async () => {
    const { browser, errors } = await open((response) =>
      response.writeHead(200, { "X-Bad": "a\nb" }).end(),
    );
    expect((await browser.get("/")).status).toBe(500);
    expect(errors).toMatchObject([{ code: "ERR_INVALID_CHAR" }]);
  });

  test("refuses at once a status that cannot be", async () => {
    const { browser, errors } = await open((response) => response.writeHead(9_999).end());
    expect((await browser.get("/")).status).toBe(500);
    expect(errors).toMatchObject([{ code: "ERR_HTTP_INVALID_STATUS_CODE" }]);
  });

  test("waits all the same after such a refusal", async () => {
    const stage = await open((response) => {
      expect(() => response.writeHead(9_999)).toThrow(RangeError);
      response.end(page);
    });
    expect(await stage.browser.get("/")).toMatchObject({ status: 200, body: page });
    expect(await storedFields(stage)).toEqual({ colour: "red" });
  });

  test("gives what cannot be sent to the error handling", async () => {
    const { browser, errors } = await open((response) => response.end(42 as never));
    expect((await browser.get("/")).status).toBe(500);
    expect(errors).toMatchObject([{ code: "ERR_INVALID_ARG_TYPE" }]);
  });

  test("leaves as it is when something is thrown after its end", async () => {
    const { browser, errors } = await open((response) => {
      response.json({ ok: true });
      throw new Error("too late");
    });
    expect(await browser.get("/")).toMatchObject({ status: 200, body: '{"ok":true}' });
    expect(errors).toMatchObject([{ message: "too late" }]);
  });

  test("is cut off when something is thrown amid its writes", async () => {
    const { browser } = await open((response) => {
      response.write("half");
      throw new Error("in the middle");
    });
    await expect(browser.get("/")).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  test("takes no more after its end, and tells who waits for it", async () => {
    const errors: unknown[] = [];
    const note = (error?: unknown): void => void errors.push(error);
    const { browser } = await open((response) => {
      response.end(page);
      response.write("more", note);
      response.end("and more", note);
      response.flushHeaders();
      response.writeHead(500);
    });
    expect(await browser.get("/")).toMatchObject({ status: 200, body: page });
    const code = "ERR_STREAM_WRITE_AFTER_END";
    expect(errors).toMatchObject([{ code }, { code }]);
  });
});

/** Zips what is written, as compressing middlewares do: over the response's methods, and by its head. */
function zip(response: Response, isHeadMissing: (response: ServerResponse) => boolean): void {
  const gzip = createGzip();
  const write = response.write.bind(response) as (chunk: Buffer) => boolean;
  const end = response.end.bind(response);
  const writeHead = response.writeHead.bind(response);
  const on = response.on.bind(response);
  gzip.on("data", (chunk: Buffer) => !write(chunk) && gzip.pause());
  gzip.on("end", () => void end());
  on("drain", () => void gzip.resume());
  const writeZipped = (chunk: string | Buffer): boolean => {
    if (isHeadMissing(response)) response.writeHead(response.statusCode);
    return gzip.write(chunk);
  };
  Object.assign(response, {
    writeHead: (status: number) => {
      response.removeHeader("Content-Length");
      response.setHeader("Content-Encoding", "gzip");
      return writeHead(status);
    },
    write: writeZipped,
    end: (chunk?: string) => {
      if (isHeadMissing(response)) response.writeHead(response.statusCode);
      return gzip.end(chunk);
    },
    on: (event: string, listener: () => void) =>
      event === "drain" ? gzip.on(event, listener) : on(event, listener),
  });
}

const isUnsent = (response: ServerResponse): boolean => !response.headersSent;
const isUnmade = (response: ServerResponse): boolean => !Reflect.get(response, "_header"); // Node's own

describe.each(["before", "after"] as const)("a wrapper that comes %s the middleware", (order) => {
  async function openZipped(answer: Answer, isHeadMissing = isUnsent) {
    const zipped = (response: Response): void => zip(response, isHeadMissing);
    return order === "before"
      ? open(answer, { before: (app) => app.use((_, response, next) => next(zipped(response))) })
      : open((response, request) => {
          zipped(response);
          return answer(response, request);
        });
  }

  async function unzipped(stage: ExpressStage): Promise<string> {
    const { stream, headers, setCookies } = await stage.browser.open("GET", "/");
    expect(headers["content-encoding"]).toBe("gzip");
    expect(setCookies).toHaveLength(1);
    return gunzipSync(Buffer.concat(await stream.toArray())).toString();
  }

  test.each(Object.entries(ways).filter(([way]) => way !== "end with an encoding"))(
    "works: %s",
    async (way, answer) => {
      const stage = await openZipped(answer);
      expect(await unzipped(stage)).toBe(way === "json" ? JSON.stringify(page) : page);
    },
  );

  test.each([isUnsent, isUnmade])(
    "works where it asks before each write whether there is a head: $name",
    async (isHeadMissing) => {
      const stage = await openZipped(async (response) => {
        for (let line = 0; line < 2_000; line++) response.write(`${line} ${Math.random()}\n`);
        response.end("done\n");
      }, isHeadMissing);
      expect((await unzipped(stage)).split("\n")).toHaveLength(2_002);
    },
  );

  test.each([
    ["small", () => file],
    ["large", () => largeFile],
  ])("does not stop a stream of a %s file", async (_size, path) => {
    const stage = await openZipped((response) => createReadStream(path()).pipe(response));
    expect(await unzipped(stage)).toBe(await readFile(path(), "utf8"));
  });
});

describe("a wrapper of the head", () => {
  test("sees it once, and may add to it", async () => {
    const { browser } = await open((response) => {
      const writeHead = response.writeHead.bind(response);
      let calls = 0;
      response.writeHead = ((status: number) => {
        response.append("Set-Cookie", `call=${++calls}`);
        return writeHead(status);
      }) as Response["writeHead"];
      response.end(page);
    });
    const { setCookies, body } = await browser.get("/");
    expect(body).toBe(page);
    expect(setCookies.toSorted()).toEqual(["call=1", expect.stringMatching(/^sessionid=/)]);
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

describe("changes while a response streams", () => {
  /** Opens an application whose visitor has a session already, unread when `POST /late` is answered. */
  async function openBegun(answer: Answer): Promise<ExpressStage> {
    const stage = await openExpress((app) => {
      app.post("/begin", (request, response) => {
        sessionOf(request).set("colour", "red");
        response.end();
      });
      app.post("/late", async (request, response) => {
        await answer(response, request);
      });
    });
    await stage.browser.post("/begin");
    return stage;
  }

  test("are stored before it ends", async () => {
    const steps: string[] = [];
    const sessions = withSave(memorySessions(), async (save, session) => {
      const isWritten = await save();
      steps.push(`stored ${session.get("colour", "")}`);
      return isWritten;
    });
    const stage = await open(
      async (response, request) => {
        await new Promise((resolve) => response.write("first ", resolve));
        sessionOf(request).set("colour", "blue");
        response.end("last");
      },
      { sessions },
    );
    const { body } = await stage.browser.get("/");
    steps.push("ended");
    expect(body).toBe("first last");
    expect(steps).toEqual(["stored red", "stored blue", "ended"]);
    expect(await storedFields(stage)).toEqual({ colour: "blue" });
  });

  test("are stored where the first byte left without waiting", async () => {
    const stage = await openBegun(async (response, request) => {
      await new Promise((resolve) => response.write("first ", resolve));
      sessionOf(request).set("colour", "blue");
      response.end("last");
    });
    expect((await stage.browser.post("/late")).body).toBe("first last");
    expect(await storedFields(stage)).toEqual({ colour: "blue" });
  });

  test("are stored where the head went round the middleware", async () => {
    const stage = await openBegun((response, request) => {
      sessionOf(request).set("colour", "blue");
      Reflect.apply(Reflect.get(response, "writeHeader"), response, [200]); // Node's own, by its old name
      response.end("last");
    });
    expect((await stage.browser.post("/late")).body).toBe("last");
    expect(await storedFields(stage)).toEqual({ colour: "blue" });
  });

  test("are dropped where the response tells of a failure", async () => {
    const stage = await openBegun(async (response, request) => {
      response.status(500);
      await new Promise((resolve) => response.write("first ", resolve));
      sessionOf(request).set("colour", "blue");
      response.end("last");
    });
    expect((await stage.browser.post("/late")).body).toBe("first last");
    expect(await storedFields(stage)).toEqual({ colour: "red" });
  });

  test("are dropped where nothing can tell the visitor of the new session", async () => {
    const stage = await openExpress((app) => {
      app.use(async (request, response) => {
        await new Promise((resolve) => response.write("first ", resolve));
        sessionOf(request).set("colour", "red").set("userId", "ann");
        response.end("last");
      });
    });
    expect(await stage.browser.get("/")).toMatchObject({ body: "first last", setCookies: [] });
    expect(await stage.sessions.list({ userId: "ann" })).toEqual([]);
  });

  test("that cannot be stored cut the response off, and reach the error handling", async () => {
    const stage = await open(async (response, request) => {
      await new Promise((resolve) => response.write("first ", resolve));
      await (await stage.sessions.load(sessionOf(request).id)).destroy();
      sessionOf(request).set("colour", "blue");
      response.end("last");
    });
    await expect(stage.browser.get("/")).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(stage.errors).toMatchObject([{ code: "SESSION_INTERRUPTED", status: 400 }]);
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
