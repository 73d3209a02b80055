import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { until } from "../../support/until.ts";
import type { OpenStage } from "../support/stage.ts";
import { idOf } from "./cookie.ts";

/** Answers that leave piece by piece, and large ones. */
export function testStreams(open: OpenStage): void {
  test.each([
    ["a stranger", "none"],
    ["a user", "ann"],
  ])("a stream reaches %s whole and in order", async (_who, user) => {
    const stage = await open();
    const browser = stage.browser();
    if (user !== "none") await browser.post(`/login/${user}`);
    const { status, body } = await browser.get("/stream");
    expect(status).toBe(200);
    const chunks = body.match(/^chunk \d+ of .+$/gm) ?? [];
    expect(chunks.map((chunk) => chunk.replace(/^chunk \d+ of /, ""))).toEqual(
      Array.from({ length: 20 }, () => user),
    );
    const numbers = chunks.map((chunk) => Number(chunk.split(" ")[1]));
    expect(numbers.map((number) => number - (numbers[0] ?? 0))).toEqual([...numbers.keys()]);
  });

  test("a stream begins to arrive before it has ended", async () => {
    const stage = await open();
    const { stream } = await stage.browser().open("GET", "/stream");
    const [first] = (await once(stream, "data")) as [Buffer];
    const rest = await text(stream);
    expect(rest.length).toBeGreaterThan(0);
    expect(first.toString()).not.toContain(rest);
  });

  test("what was written before a stream is stored when its first byte arrives, its cookie there", async () => {
    const stage = await open();
    const browser = stage.browser();
    const { stream, setCookies } = await browser.open("POST", "/stream-set/colour/red");
    expect(setCookies).toHaveLength(1);
    await once(stream, "data");
    expect((await stage.sessions.load(idOf(browser))).get("colour")).toBe("red");
    stream.resume();
    await once(stream, "end");
  });

  test("a visitor who leaves amid a stream harms nobody", async () => {
    const stage = await open();
    const browser = stage.browser();
    const { stream } = await browser.open("POST", "/stream-set/colour/red");
    stream.destroy();
    await until("the stream is closed", () => stream.closed);
    expect((await browser.get("/fields")).json()).toEqual({ colour: "red" });
  });

  test("a large answer arrives whole", async () => {
    const stage = await open();
    const browser = stage.browser();
    await browser.post("/set/colour/red");
    const answers = await Promise.all([1, 2, 3].map(() => browser.get("/big")));
    const lengths = answers.map(({ body }) => Buffer.byteLength(body));
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(1_000_000);
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    for (const { headers } of answers) {
      expect(Number(headers["content-length"] ?? lengths[0])).toBe(lengths[0]);
    }
  });
}
