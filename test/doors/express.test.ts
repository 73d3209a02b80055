import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, IncomingMessage, type RequestListener, ServerResponse } from "node:http";
import { createServer as createTlsServer, request as tlsRequest } from "node:https";
import { type AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express, { type Express, type RequestHandler } from "express";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  type SessionMiddlewareOptions,
  sessionMiddleware,
} from "../../src/adapters/express/index.ts";
import { ConfigurationError } from "../../src/contracts/errors.ts";
import { createSessions, type Session } from "../../src/sessions/index.ts";
import { openCache } from "../support/open-cache.ts";
import { createTlsCertificates } from "../support/tls-certificates.ts";
import { expressApp, sessionOf } from "./apps/express-app.ts";
import { testSessionDoor } from "./session-suite.ts";
import { Browser } from "./support/browser.ts";
import { openExpress, storedFields } from "./support/express-stage.ts";
import { memorySessions } from "./support/sessions.ts";

testSessionDoor(expressApp);

/** Sets a field of every visitor's session, and answers. */
function colourEverything(app: Express): void {
  app.use((request, response) => {
    response.json(Object.fromEntries(sessionOf(request).set("colour", "red").entries()));
  });
}

/** Begins a session at `/begin`; everything else is answered by `answer`. */
function beginOr(answer: RequestHandler): (app: Express) => void {
  return (app) => {
    app.post("/begin", (request, response) => {
      sessionOf(request).set("size", "large");
      response.end();
    });
    app.use(answer);
  };
}

const plain: RequestHandler = (_request, response) => {
  response.end("plain");
};

/** Serves with the middleware alone, as a program without a framework does. Returns the address. */
async function serve(options: Partial<SessionMiddlewareOptions> = {}): Promise<string> {
  const server = createServer(bare(options));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function bare(options: Partial<SessionMiddlewareOptions> = {}): RequestListener {
  const middleware = sessionMiddleware({ sessions: memorySessions(), ...options });
  return (request, response) => {
    middleware(request, response, (error) => {
      if (error instanceof Error) throw error;
      const { session } = request as unknown as { readonly session: Session };
      response.end(JSON.stringify(session.set("colour", "red").entries()));
    });
  };
}

describe("the middleware", () => {
  test("works without a framework", async () => {
    const browser = new Browser(await serve());
    expect((await browser.get("/")).body).toBe('[["colour","red"]]');
    expect(browser.jar.valueOf("sessionid")).toMatch(/^[\w-]{46}$/);
  });

  test("works in an application that is mounted in another", async () => {
    const inner = express();
    colourEverything(inner);
    const stage = await openExpress((app) => app.use("/inner", inner));
    expect((await stage.browser.get("/inner/page")).json()).toEqual({ colour: "red" });
    expect(await storedFields(stage)).toEqual({ colour: "red" });
  });

  test("counts for what comes after it alone", async () => {
    const stage = await openExpress(colourEverything, {
      before: (app) =>
        app.get("/early", (request, response) => void response.json("session" in request)),
    });
    expect((await stage.browser.get("/early")).json()).toBe(false);
  });

  test("does nothing where it ran already", async () => {
    const stage = await openExpress((app, sessions) => {
      app.use((request, _response, next) => {
        sessionOf(request).set("size", "large");
        next();
      });
      app.use(sessionMiddleware({ sessions, cookie: { name: "other" } }));
      colourEverything(app);
    });
    const { body, setCookies } = await stage.browser.get("/");
    expect(JSON.parse(body)).toEqual({ size: "large", colour: "red" });
    expect(setCookies).toHaveLength(1);
  });

  test("fails requests that have another package's session", async () => {
    const { browser, errors } = await openExpress(colourEverything, {
      before: (app) => {
        app.use((request, _response, next) => {
          Object.assign(request, { session: { cookie: {} } });
          next();
        });
      },
    });
    expect((await browser.get("/")).status).toBe(500);
    expect(errors).toEqual([expect.any(ConfigurationError)]);
  });

  test("gives a request of which there is no response to speak, as of a WebSocket, its session", async () => {
    const middleware = sessionMiddleware({ sessions: memorySessions() });
    const request = new IncomingMessage(new Socket());
    const stand = {} as ServerResponse; // what such packages pass
    const error = await new Promise((resolve) => {
      middleware(request, stand, resolve);
    });
    expect(error).toBeUndefined();
    expect(Reflect.get(request, "session")).toMatchObject({ isNew: true });
  });

  test("calls next once, and leaves what that throws alone", async () => {
    const middleware = sessionMiddleware({ sessions: memorySessions() });
    const request = new IncomingMessage(new Socket());
    const thrown = once(process, "uncaughtExceptionMonitor");
    const listeners = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException").once("uncaughtException", () => undefined);
    let calls = 0;
    middleware(request, new ServerResponse(request), () => {
      calls += 1;
      throw new Error("thrown by the handler");
    });
    const [error, origin] = await thrown;
    for (const listener of listeners) process.on("uncaughtException", listener);
    expect({ calls, error, origin }).toMatchObject({
      calls: 1,
      error: { message: "thrown by the handler" },
      origin: "uncaughtException",
    });
  });

  test.each([
    [{}, "sessions must be made by createSessions()."],
    [{ sessions: {} }, "sessions must be made by createSessions()."],
    [{ sessions: memorySessionsLike(), cookies: {} }, '"cookies"'],
  ])("refuses options that cannot be meant: %j", (options, message) => {
    expect(() => sessionMiddleware(options as never)).toThrow(message);
  });

  function memorySessionsLike(): object {
    return { load: () => undefined };
  }
});

describe("req.session", () => {
  test.each([null, undefined, {}])(
    "cannot be replaced by %j, which would log nobody out",
    async (value) => {
      const { browser, errors } = await openExpress((app) => {
        app.use((request, response) => {
          Object.assign(request, { session: value });
          response.end();
        });
      });
      expect((await browser.get("/")).status).toBe(500);
      expect(errors).toMatchObject([{ message: expect.stringContaining("destroy()") }]);
    },
  );
});

describe("a response that has nothing to do with the session", () => {
  test("leaves at once", async () => {
    const seen: boolean[] = [];
    const { browser } = await openExpress((app) => {
      app.use((_request, response) => {
        response.end("plain");
        seen.push(response.headersSent); // `false` for a response that is deferred and has ended
      });
    });
    const { headers } = await browser.get("/");
    expect(seen).toEqual([true]);
    expect(headers.vary).toBeUndefined();
    expect(headers["cache-control"]).toBeUndefined();
  });

  test("waits all the same where the session rolls: its cookie goes again", async () => {
    const sessions = createSessions({ cache: openCache(), rolling: true });
    const { browser } = await openExpress(beginOr(plain), { sessions });
    await browser.post("/begin");
    expect((await browser.get("/")).setCookies).toHaveLength(1);
  });

  test("waits all the same where its cookie is to be signed anew", async () => {
    const [newSecret, oldSecret] = ["n".repeat(32), "o".repeat(32)];
    const old = await openExpress(beginOr(plain), { cookie: { secrets: oldSecret } });
    await old.browser.post("/begin");
    const cookie = { secrets: [newSecret, oldSecret] };
    const { url } = await openExpress(beginOr(plain), { sessions: old.sessions, cookie });
    const browser = new Browser(url, { jar: old.browser.jar });
    expect((await browser.get("/")).setCookies).toHaveLength(1);
    expect((await browser.get("/")).setCookies).toEqual([]);
  });

  test("waits all the same where its cookie opens no session, and is taken away", async () => {
    const { browser } = await openExpress(beginOr(plain));
    const { setCookies } = await browser.get("/", { headers: { cookie: "sessionid=gone" } });
    expect(setCookies).toEqual([expect.stringMatching(/^sessionid=; Max-Age=0;/)]);
  });

  test.each<[string, (session: Session) => Promise<unknown>]>([
    ["was destroyed", (session) => session.destroy()],
    ["got a new id", (session) => session.regenerate()],
    [
      "got a new end, and was saved",
      (session) => {
        session.setExpiry("1h");
        return session.save();
      },
    ],
  ])("waits all the same where the session %s unread", async (_what, change) => {
    const { browser } = await openExpress(
      beginOr(async (request, response) => {
        await change(sessionOf(request));
        response.end("plain");
      }),
    );
    await browser.post("/begin");
    expect((await browser.get("/")).setCookies).toHaveLength(1);
  });
});

describe("the cookie's Secure", () => {
  const asProxy = { headers: { "x-forwarded-proto": "https" } };

  test("is there behind a proxy that Express trusts, for visitors who came by https", async () => {
    const { browser } = await openExpress(colourEverything, {
      before: (app) => app.set("trust proxy", true),
    });
    expect((await browser.get("/", asProxy)).setCookies[0]).toContain("; Secure;");
    expect((await browser.get("/")).setCookies[0]).not.toContain("Secure");
  });

  test("is not there where anybody may have said https", async () => {
    const { browser } = await openExpress(colourEverything);
    expect((await browser.get("/", asProxy)).setCookies[0]).not.toContain("Secure");
  });

  test.each([true, false])("is there by https, Express: %j", async (isExpress) => {
    const directory = await mkdtemp(join(tmpdir(), "cachewell-https-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    const { ca, certFile, keyFile } = await createTlsCertificates(directory);
    const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
    const app = express().use(sessionMiddleware({ sessions: memorySessions() }));
    colourEverything(app);
    const server = createTlsServer({ cert, key }, isExpress ? app : bare());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const asking = tlsRequest({ host: "127.0.0.1", port, ca, agent: false }).end();
    const [response] = (await once(asking, "response")) as [IncomingMessage];
    response.resume();
    expect(response.headers["set-cookie"]?.[0]).toContain("; Secure;");
  });
});
