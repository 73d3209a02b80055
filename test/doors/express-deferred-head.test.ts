import type { Response } from "express";
import { describe, expect, test } from "vitest";
import { open } from "./support/deferred-stage.ts";

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
