import { describe, expect, test } from "vitest";
import type { ServerCommands } from "../commands/command-sender.ts";
import { RedisRecords } from "./redis-records.ts";

const bornMs = 1_700_000_000_000;

/** Records over a server that answers one record, which was given a minute when it was born. */
function recordsReadAt(nowMs: number): RedisRecords {
  const clock = { isKnown: true, now: () => nowMs };
  const commands = {
    connectionFor: () => ({ clock }),
    send: async () => ["#born", `${bornMs}`, "#ends", `${bornMs + 60_000}`, "name", "Ann"],
  };
  return new RedisRecords(commands as unknown as ServerCommands); // the part of it that a load uses
}

describe("the life of a record, by a clock that is known to within some ms", () => {
  test.each([
    ["behind: no record is read before it is born", bornMs - 9.5, 60_000, 0],
    ["right", bornMs + 250.5, 59_749, 250],
    ["ahead: what was read lives", bornMs + 60_004, 1, 60_004],
  ])("%s", async (_case, nowMs, remainingMs, ageMs) => {
    expect(await recordsReadAt(nowMs).load("key")).toMatchObject({ remainingMs, ageMs });
  });
});
