import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { until } from "../support/until.ts";
import { open } from "./support/deferred-stage.ts";
import { storedFields } from "./support/express-stage.ts";
import { page } from "./support/pages.ts";

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
