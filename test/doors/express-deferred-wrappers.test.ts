import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { createGzip, gunzipSync } from "node:zlib";
import type { Response } from "express";
import { describe, expect, test } from "vitest";
import { type Answer, open, ways } from "./support/deferred-stage.ts";
import { type ExpressStage } from "./support/express-stage.ts";
import { file, largeFile, page, withPages } from "./support/pages.ts";

withPages();

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
