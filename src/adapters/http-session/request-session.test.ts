import { describe, expect, test, vi } from "vitest";
import {
  CommandTimeoutError,
  OverloadedError,
  ServerRefusedError,
  SessionInterruptedError,
  StoreUnavailableError,
  ValueTooLargeError,
} from "../../contracts/errors.ts";
import type { Session, SessionsOptions } from "../../contracts/sessions.ts";
import { createCache } from "../../create-cache.ts";
import { createSessions } from "../../sessions/index.ts";
import { sessionBackendOf } from "../../sessions/session-backend.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { resolveHttpSession, type SessionMiddlewareOptions } from "./options.ts";
import { RequestSession, statusOf, withStatus } from "./request-session.ts";

type Step = (session: Session) => unknown;

/** What the visitor brings: no cookie, the id of a session, an id of none, or what is no id. */
type Brings = "nothing" | "a session" | "an unknown id" | "junk";

/** The cookie that a response sets: none, one with the id that was brought, with another, or one that takes it away. */
type Sent = "none" | "the id" | "a new id" | "clears it";

const unknownId = "u".repeat(46);
const secret = "a secret of this test, long enough.";
const newSecret = "another of its secrets, long enough.";

const steps = {
  nothing: () => undefined,
  read: (session) => session.get("colour"),
  write: (session) => session.set("colour", "blue"),
  "change inside": (session) => session.get<string[]>("cart", []).push("cake"),
  "write and take back": (session) => session.set("colour", "blue").delete("colour"),
  "remove all fields": (session) => session.clear(),
  save: async (session) => session.set("colour", "blue").save(),
  regenerate: async (session) => session.regenerate(),
  destroy: async (session) => session.destroy(),
  "destroy, then write": async (session) => {
    await session.destroy();
    session.set("colour", "blue");
  },
  "set an expiry": (session) => session.setExpiry(60),
  "let it expire": (session) => session.setExpiry(new Date(0)),
} satisfies Record<string, Step>;

type StepName = keyof typeof steps;

function setUp(
  options: Omit<SessionsOptions, "cache"> = {},
  doorOptions: Omit<SessionMiddlewareOptions, "sessions"> = {},
) {
  const clock = new ManualClock(Date.now());
  const cache = createCache({ location: "memory:", clock, circuitBreaker: false });
  const sessions = createSessions({ cache, ...options });
  const rules = resolveHttpSession({ sessions, ...doorOptions });
  const { records } = sessionBackendOf(cache);
  const stored = async (): Promise<string> => {
    const session = await sessions.load(undefined);
    await session.set("colour", "red").set("cart", ["tea"]).save();
    clock.advance(1_000);
    return session.id ?? "";
  };
  const openWith = (cookieHeader?: string, isSecure = false): Promise<RequestSession> =>
    RequestSession.open(rules, { cookieHeader, isSecure });
  return { clock, sessions, records, stored, openWith };
}

async function headerOf(brings: Brings, stored: () => Promise<string>) {
  switch (brings) {
    case "nothing":
      return undefined;
    case "a session":
      return `sessionid=${await stored()}`;
    case "an unknown id":
      return `sessionid=${unknownId}`;
    case "junk":
      return "sessionid=junk";
  }
}

function sentBy(setCookie: string | undefined, header: string | undefined): Sent {
  if (setCookie === undefined) return "none";
  const [pair = ""] = setCookie.split(";", 1);
  if (pair === "sessionid=") return setCookie.includes("; Max-Age=0;") ? "clears it" : "none";
  expect(pair).toMatch(/^sessionid=[\w-]{46}$/);
  return pair === header ? "the id" : "a new id";
}

describe("what a response carries", () => {
  const usual = { personal: true, rolling: false };
  type Row = readonly [Brings, StepName, number, Sent, Partial<typeof usual>?];

  const rows: readonly Row[] = [
    ["nothing", "nothing", 200, "none", { personal: false }],
    ["nothing", "read", 200, "none"],
    ["nothing", "write", 200, "a new id"],
    ["nothing", "write", 302, "a new id"],
    ["nothing", "write", 404, "a new id"],
    ["nothing", "write", 499, "a new id"],
    ["nothing", "write", 500, "none"],
    ["nothing", "write", 503, "none"],
    ["nothing", "write and take back", 200, "none"],
    ["nothing", "save", 200, "a new id"],
    ["nothing", "save", 500, "a new id"],
    ["nothing", "regenerate", 200, "a new id"],
    ["nothing", "destroy", 200, "none", { personal: false }],
    ["nothing", "destroy, then write", 200, "a new id"],
    ["nothing", "set an expiry", 200, "none", { personal: false }],
    ["nothing", "nothing", 200, "none", { personal: false, rolling: true }],
    ["nothing", "read", 200, "none", { rolling: true }],
    ["nothing", "write", 200, "a new id", { rolling: true }],

    ["a session", "nothing", 200, "none", { personal: false }],
    ["a session", "nothing", 500, "none", { personal: false }],
    ["a session", "read", 200, "none"],
    ["a session", "read", 500, "none"],
    ["a session", "write", 200, "the id"],
    ["a session", "write", 499, "the id"],
    ["a session", "write", 500, "none"],
    ["a session", "change inside", 200, "the id"],
    ["a session", "change inside", 500, "none"],
    ["a session", "remove all fields", 200, "the id"],
    ["a session", "save", 500, "the id"],
    ["a session", "regenerate", 200, "a new id"],
    ["a session", "regenerate", 500, "a new id"],
    ["a session", "destroy", 200, "clears it"],
    ["a session", "destroy", 500, "clears it"],
    ["a session", "destroy, then write", 200, "a new id"],
    ["a session", "set an expiry", 200, "the id"],
    ["a session", "let it expire", 200, "clears it"],
    ["a session", "nothing", 200, "the id", { rolling: true }],
    ["a session", "read", 404, "the id", { rolling: true }],
    ["a session", "destroy", 200, "clears it", { rolling: true }],

    ["an unknown id", "nothing", 200, "clears it"],
    ["an unknown id", "nothing", 500, "clears it"],
    ["an unknown id", "read", 200, "clears it"],
    ["an unknown id", "write", 200, "a new id"],
    ["an unknown id", "write", 500, "none"],
    ["an unknown id", "regenerate", 200, "a new id"],
    ["an unknown id", "destroy", 200, "clears it"],
    ["an unknown id", "nothing", 200, "clears it", { rolling: true }],
    ["junk", "nothing", 200, "clears it"],
    ["junk", "write", 200, "a new id"],
  ];

  test.for(rows)(
    "to who brings %s, after %s, status %d: %s %j",
    async ([brings, step, status, sent, { personal, rolling } = {}]) => {
      const { stored, openWith } = setUp({ rolling: rolling ?? usual.rolling });
      const header = await headerOf(brings, stored);
      const request = await openWith(header);
      await steps[step](request.session);
      const headers = await request.commit(status);
      expect(sentBy(headers.setCookie, header)).toBe(sent);
      expect(headers.isPersonal).toBe(personal ?? usual.personal);
    },
  );
});

describe("what a request leaves behind", () => {
  test.each([
    [200, "blue"],
    [499, "blue"],
    [500, "red"],
    [599, "red"],
  ])("with status %d: the colour is %s", async (status, colour) => {
    const { sessions, stored, openWith } = setUp();
    const id = await stored();
    const request = await openWith(`sessionid=${id}`);
    request.session.set("colour", "blue");
    await request.commit(status);
    expect((await sessions.load(id)).get("colour")).toBe(colour);
  });

  test("a failed request leaves nothing of a stranger", async () => {
    const { records, openWith } = setUp();
    const create = vi.spyOn(records, "create");
    const request = await openWith();
    request.session.set("colour", "blue");
    await request.commit(500);
    expect(create).not.toHaveBeenCalled();
  });

  test("a rolling session lives on from each request", async () => {
    const { clock, sessions, stored, openWith } = setUp({ rolling: true, ttl: 60 });
    const id = await stored();
    clock.advance(30_000);
    await (await openWith(`sessionid=${id}`)).commit(200);
    expect((await sessions.load(id)).remainingMs).toBe(60_000);
  });

  test("a session that does not roll, and is left as it was, does not live longer", async () => {
    const { sessions, stored, openWith } = setUp({ ttl: 60 });
    const id = await stored();
    await (await openWith(`sessionid=${id}`)).commit(200);
    expect((await sessions.load(id)).remainingMs).toBe(59_000);
  });

  test("what was done after the response began to leave is stored, where there is a session", async () => {
    const { sessions, stored, openWith } = setUp();
    const id = await stored();
    const request = await openWith(`sessionid=${id}`);
    await request.commit(200);
    request.session.set("colour", "blue");
    await request.commitLate();
    expect((await sessions.load(id)).get("colour")).toBe("blue");
  });

  test("what a stranger does after the response began to leave is not stored", async () => {
    const { records, openWith } = setUp();
    const create = vi.spyOn(records, "create");
    const request = await openWith();
    await request.commit(200);
    request.session.set("colour", "blue");
    await request.commitLate();
    expect(create).not.toHaveBeenCalled();
  });
});

describe("the cookie of a response", () => {
  test("lasts as long as the session from now on", async () => {
    const { openWith } = setUp({ ttl: 60 });
    const request = await openWith();
    request.session.set("colour", "blue");
    expect((await request.commit(200)).setCookie).toContain("; Max-Age=60;");
  });

  test("has no end where the session ends with the browser", async () => {
    const { stored, openWith } = setUp();
    const request = await openWith(`sessionid=${await stored()}`);
    request.session.setExpiry(0);
    expect((await request.commit(200)).setCookie).not.toMatch(/Max-Age|Expires/);
  });

  test("is Secure where the request came by https", async () => {
    const { openWith } = setUp();
    const request = await openWith(undefined, true);
    request.session.set("colour", "blue");
    expect((await request.commit(200)).setCookie).toContain("; Secure");
  });

  test("that takes another away is Secure where that was", async () => {
    const { openWith } = setUp();
    const request = await openWith("sessionid=junk", true);
    expect((await request.commit(200)).setCookie).toContain("; Secure");
  });

  test("is sent anew where it was signed with an older secret, its end as it was", async () => {
    const old = setUp({ ttl: 60 }, { cookie: { secrets: secret } });
    const first = await old.openWith();
    first.session.set("colour", "blue");
    const [cookie] = (await first.commit(200)).setCookie?.split(";", 1) ?? [];
    old.clock.advance(20_000);
    const cookieRules = { secrets: [newSecret, secret] };
    const rules = resolveHttpSession({ sessions: old.sessions, cookie: cookieRules });
    const facts = { cookieHeader: cookie, isSecure: false };
    const { setCookie, isPersonal } = await (await RequestSession.open(rules, facts)).commit(200);
    expect(setCookie).toContain("; Max-Age=40;");
    expect(setCookie).toContain(`sessionid=${first.session.id}.`);
    expect(setCookie).not.toContain(`${cookie};`);
    expect(isPersonal).toBe(true);
  });
});

describe("a store that does not serve", () => {
  const failure = new StoreUnavailableError("it is gone", { operation: "EVALSHA" });

  test("fails a request with a session by 503", async () => {
    const { records, stored, openWith } = setUp();
    const header = `sessionid=${await stored()}`;
    vi.spyOn(records, "load").mockRejectedValue(failure);
    await expect(openWith(header)).rejects.toMatchObject({ status: 503, statusCode: 503 });
  });

  test("is not asked for a stranger", async () => {
    const { records, openWith } = setUp();
    vi.spyOn(records, "load").mockRejectedValue(failure);
    const request = await openWith();
    expect(await request.commit(200)).toEqual({ setCookie: undefined, isPersonal: false });
  });

  test.each(["nothing", "a session"] as const)(
    "fails a write by 503, of who brought %s",
    async (brings) => {
      const { records, stored, openWith } = setUp();
      const request = await openWith(await headerOf(brings, stored));
      vi.spyOn(records, "create").mockRejectedValue(failure);
      vi.spyOn(records, "update").mockRejectedValue(failure);
      request.session.set("colour", "blue");
      await expect(request.commit(200)).rejects.toMatchObject({ status: 503 });
    },
  );

  test.each(["nothing", "a session"] as const)(
    "drops a write where it goes on, and sends no cookie, to who brought %s",
    async (brings) => {
      const { records, stored, openWith } = setUp({}, { onStoreError: "anonymous" });
      const request = await openWith(await headerOf(brings, stored));
      vi.spyOn(records, "create").mockRejectedValue(failure);
      vi.spyOn(records, "update").mockRejectedValue(failure);
      request.session.set("colour", "blue");
      expect(await request.commit(200)).toEqual({ setCookie: undefined, isPersonal: true });
    },
  );

  test("sends no cookie where it goes on, though the session rolls", async () => {
    const rolling = { rolling: true, ttl: 60 };
    const { records, stored, openWith } = setUp(rolling, { onStoreError: "anonymous" });
    const request = await openWith(`sessionid=${await stored()}`);
    vi.spyOn(records, "touch").mockRejectedValue(failure);
    expect(await request.commit(200)).toEqual({ setCookie: undefined, isPersonal: false });
  });

  test.each<[StepName, boolean]>([
    ["nothing", false],
    ["read", true],
    ["write", true],
    ["remove all fields", true],
  ])("leaves cookie and session alone where it goes on, after %s", async (step, isPersonal) => {
    const { records, sessions, stored, openWith } = setUp({}, { onStoreError: "anonymous" });
    const id = await stored();
    const load = vi.spyOn(records, "load").mockRejectedValueOnce(failure);
    const request = await openWith(`sessionid=${id}`);
    expect(load).toHaveBeenCalledOnce();
    expect(request.session.detached).toBe(true);
    await steps[step](request.session);
    expect(await request.commit(200)).toEqual({ setCookie: undefined, isPersonal });
    expect((await sessions.load(id)).get("colour")).toBe("red");
  });

  test("fails the save of a handler's own, whatever the middleware goes on with", async () => {
    const { records, openWith } = setUp({}, { onStoreError: "anonymous" });
    const request = await openWith();
    vi.spyOn(records, "create").mockRejectedValue(failure);
    await expect(request.session.set("colour", "blue").save()).rejects.toBe(failure);
  });
});

describe("a session that was destroyed meanwhile", () => {
  test.each(["fail", "anonymous"] as const)(
    "answers a write by 400, with onStoreError %j",
    async (onStoreError) => {
      const { sessions, stored, openWith } = setUp({}, { onStoreError });
      const id = await stored();
      const request = await openWith(`sessionid=${id}`);
      await (await sessions.load(id)).destroy();
      request.session.set("colour", "blue");
      await expect(request.commit(200)).rejects.toMatchObject({ status: 400, statusCode: 400 });
      expect((await sessions.load(id)).isNew).toBe(true);
    },
  );

  test("answers a late write by 400", async () => {
    const { sessions, stored, openWith } = setUp();
    const id = await stored();
    const request = await openWith(`sessionid=${id}`);
    await (await sessions.load(id)).destroy();
    request.session.set("colour", "blue");
    await expect(request.commitLate()).rejects.toMatchObject({ status: 400 });
  });

  test("does not matter to a request that leaves it as it was", async () => {
    const { sessions, stored, openWith } = setUp();
    const id = await stored();
    const request = await openWith(`sessionid=${id}`);
    await (await sessions.load(id)).destroy();
    request.session.get("colour");
    expect((await request.commit(200)).setCookie).toBeUndefined();
  });

  test("takes the cookie away from a rolling session's next request", async () => {
    const { sessions, stored, openWith } = setUp({ rolling: true, ttl: 60 });
    const id = await stored();
    const request = await openWith(`sessionid=${id}`);
    await (await sessions.load(id)).destroy();
    expect(sentBy((await request.commit(200)).setCookie, undefined)).toBe("clears it");
  });
});

describe("the status of an error", () => {
  test.each<[unknown, number | undefined]>([
    [new SessionInterruptedError(), 400],
    [new StoreUnavailableError("it is gone", { operation: "GET" }), 503],
    [new CommandTimeoutError(100, { operation: "GET" }), 503],
    [new OverloadedError("maxPending", 1), 503],
    [new ServerRefusedError("OOM", { operation: "SET" }), 503],
    [new ServerRefusedError("NOPERM", { operation: "SET" }), undefined],
    [new ValueTooLargeError(1, 2), undefined],
    [new TypeError("a bug"), undefined],
    ["no error at all", undefined],
    [undefined, undefined],
  ])("%s: %s", (error, status) => {
    expect(statusOf(error)).toBe(status);
    expect(withStatus(error)).toBe(error);
    expect(Object(error).status).toBe(status);
    expect(Object(error).statusCode).toBe(status);
  });

  test("says that its message is not for visitors", () => {
    expect(withStatus(new SessionInterruptedError())).toMatchObject({ expose: false });
  });

  test("is not given to a bug", () => {
    expect(withStatus(new TypeError("a bug"))).not.toHaveProperty("status");
  });
});
