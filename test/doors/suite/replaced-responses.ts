import { expect, test } from "vitest";
import type { Answer } from "../support/browser.ts";
import { muteErrors } from "../support/muted-errors.ts";
import { lastingHeaders, replacedHeaders } from "../support/replaced-response.ts";
import { apology } from "../support/session-app.ts";
import type { OpenStage } from "../support/stage.ts";

/** What of a response is sent although its session cannot be stored, and an error is answered in its place. */
export function testReplacedResponses(open: OpenStage): void {
  muteErrors();

  test("the framework's answer to the error says nothing of the replaced body", async () => {
    const stage = await open();
    const answer = await stage.browser().post("/interrupted");
    expect(answer.status).toBe(400);
    expectNothingOfReplaced(answer);
  });

  test("the application's answer to the error says nothing of the replaced body", async () => {
    const stage = await open({ errorAnswer: "text" });
    const answer = await stage.browser().post("/interrupted");
    expect(answer).toMatchObject({ status: 400, body: apology.text });
    expectNothingOfReplaced(answer);
  });

  test("the application's answer to the error keeps the headers that go with any answer", async () => {
    const stage = await open({ errorAnswer: "text" });
    const answer = await stage.browser().post("/interrupted");
    const sent = Object.keys(lastingHeaders).map((name) => [
      name,
      String(answer.headers[name.toLowerCase()]),
    ]);
    expect(Object.fromEntries(sent)).toEqual(lastingHeaders);
  });

  test("an error that is answered by a stream leaves the connection open", async () => {
    const stage = await open({ errorAnswer: "stream" });
    const answer = await stage.browser().post("/interrupted-json");
    expect(answer).toMatchObject({ status: 400, body: apology.text });
    expect(answer.headers.connection).not.toBe("close");
    expect(answer.headers["transfer-encoding"]).toBe("chunked");
  });
}

function expectNothingOfReplaced({ headers }: Answer): void {
  const left = Object.entries(replacedHeaders).filter(
    ([name, value]) => headers[name.toLowerCase()] === value,
  );
  expect(Object.fromEntries(left)).toEqual({});
}
