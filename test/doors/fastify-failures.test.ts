import { createReadStream } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { until } from "../support/until.ts";
import { sessionOf } from "./apps/fastify-app.ts";
import { mark, openStage, setCookiesOf, storedFields, visitor } from "./support/fastify-stage.ts";

describe("a handler that fails", () => {
  test("with a Response of 500 stores nothing", async () => {
    const { app, sessions } = await openStage();
    app.get("/", (request) => {
      mark(request);
      return new Response("failed", { status: 500 });
    });
    const headers = await visitor(sessions);
    const answer = await app.inject({ url: "/", headers });
    expect(answer.statusCode).toBe(500);
    expect(await storedFields(sessions, headers["cookie"])).toEqual({ user: "ann" });
  });

  test("with a Response that was read already answers as Fastify does", async () => {
    const { app } = await openStage();
    app.get("/", async (request) => {
      mark(request);
      const response = new Response("done");
      await response.text();
      return response;
    });
    const answer = await app.inject("/");
    expect(answer.json()).toMatchObject({ code: "FST_ERR_REP_RESPONSE_BODY_CONSUMED" });
  });

  test("with an error that the application's handler turns into a page stores the session", async () => {
    const { app, sessions } = await openStage();
    app.setErrorHandler((_error, request, reply) => {
      sessionOf(request).set("notice", "failed");
      return reply.redirect("/sorry");
    });
    app.get("/", (request) => {
      mark(request);
      throw new Error("thrown by the handler");
    });
    const answer = await app.inject("/");
    expect(answer.statusCode).toBe(302);
    expect(await storedFields(sessions, setCookiesOf(answer))).toEqual({
      colour: "red",
      notice: "failed",
    });
  });

  test("with a stream that breaks while the session is stored answers once, and the process goes on", async () => {
    const { app } = await openStage();
    app.get("/", (request, reply) => {
      const stream = createReadStream("/nowhere/at all");
      vi.spyOn(mark(request), "save").mockImplementation(async () => {
        await until("the stream is broken", () => stream.errored !== null);
        return true;
      });
      return reply.send(stream);
    });
    const answer = await app.inject("/");
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({ code: "ENOENT" });
  });

  test("with a stream that breaks has what its error handler adds stored, and one cookie", async () => {
    const { app, sessions } = await openStage();
    app.setErrorHandler((_error, request, reply) => {
      sessionOf(request).set("notice", "broken");
      return reply.code(404).send("gone");
    });
    app.get("/", (request, reply) => {
      mark(request);
      return reply.send(createReadStream("/nowhere/at all"));
    });
    const answer = await app.inject("/");
    expect(answer.statusCode).toBe(404);
    expect(setCookiesOf(answer)).toHaveLength(1);
    expect(await storedFields(sessions, setCookiesOf(answer))).toEqual({
      colour: "red",
      notice: "broken",
    });
  });

  test("in a hook onSend after the session was stored sends its cookie once", async () => {
    const { app, sessions } = await openStage();
    app.addHook("onSend", async (_request, reply) => {
      if (reply.statusCode === 200) throw new Error("thrown by the hook");
    });
    app.get("/", (request) => mark(request).get("colour"));
    const answer = await app.inject("/");
    expect(answer.statusCode).toBe(500);
    expect(setCookiesOf(answer)).toHaveLength(1);
    expect(await storedFields(sessions, setCookiesOf(answer))).toEqual({ colour: "red" });
  });

  test("in a hook onSend, and ends the session in the error handler, sends no cookie", async () => {
    const { app } = await openStage();
    app.addHook("onSend", async (_request, reply) => {
      if (reply.statusCode === 200) throw new Error("thrown by the hook");
    });
    app.setErrorHandler(async (_error, request, reply) => {
      await sessionOf(request).destroy();
      return reply.code(403).header("set-cookie", "a=1").send("out");
    });
    app.get("/", (request) => mark(request).get("colour"));
    const answer = await app.inject("/");
    expect(answer.statusCode).toBe(403);
    expect(setCookiesOf(answer)).toEqual(["a=1"]);
  });
});
