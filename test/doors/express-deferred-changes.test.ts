import { describe, expect, test } from "vitest";
import { sessionOf } from "./apps/express-app.ts";
import { type Answer, open } from "./support/deferred-stage.ts";
import { type ExpressStage, openExpress, storedFields, withSave } from "./support/express-stage.ts";
import { memorySessions } from "./support/sessions.ts";

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
