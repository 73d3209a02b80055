import { expect, test } from "vitest";
import { until } from "../../support/until.ts";
import type { Answer } from "../support/browser.ts";
import { muteErrors } from "../support/muted-errors.ts";
import type { OpenStage } from "../support/stage.ts";
import { expectDead, idOf } from "./cookie.ts";

const many = 50;

/** How long the slow request takes: what it meets on its way must be through by then. */
const slowMs = 700;

/** Requests of one visitor at the same time. */
export function testSideBySide(open: OpenStage): void {
  muteErrors();

  test(`${many} requests at once that write different fields keep all of them`, async () => {
    const stage = await open();
    const browser = stage.browser();
    await browser.post("/set/colour/red");
    const fields = Array.from({ length: many }, (_, number) => `field${number}`);
    const answers = await Promise.all(fields.map((field) => browser.post(`/set/${field}/written`)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const expected = Object.fromEntries(fields.map((field) => [field, "written"]));
    expect((await browser.get("/fields")).json()).toEqual({ colour: "red", ...expected });
  });

  test("a request that was under way at the logout answers 400 and brings nothing back", async () => {
    const { stage, browser, slow, oldId } = await amidSlowRequest(open);
    expect((await browser.post("/logout")).status).toBe(204);
    const answer = await slow;
    expect(answer.status).toBe(400);
    expect(answer.setCookies).toEqual([]);
    await expectDead(oldId, stage.browser());
  });

  test("a request that was under way at the login answers 400 and does not undo it", async () => {
    const { stage, browser, slow, oldId } = await amidSlowRequest(open);
    await browser.post("/login/bob");
    const newId = idOf(browser);
    expect((await slow).status).toBe(400);
    expect(idOf(browser)).toBe(newId);
    expect((await browser.get("/me")).json()).toMatchObject({ user: "bob" });
    await expectDead(oldId, stage.browser());
  });
}

interface SlowRequest {
  readonly slow: Promise<Answer>;
  readonly oldId: string;
}

/** Returns a visitor while a request of theirs, which has read the session, has yet to store it. */
async function amidSlowRequest(open: OpenStage) {
  const stage = await open();
  const browser = stage.browser();
  await browser.post("/login/ann");
  const loads = stage.asked.length;
  const request: SlowRequest = {
    oldId: idOf(browser),
    slow: browser.post(`/slow-set/colour/red?ms=${slowMs}`),
  };
  await until("the slow request has read the session", () => stage.asked.length > loads);
  return { stage, browser, ...request };
}
