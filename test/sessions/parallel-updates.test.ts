import { expect, test } from "vitest";
import type { Session, Sessions } from "../../src/contracts/sessions.ts";
import { createSessions } from "../../src/sessions/index.ts";
import { freshPrefix, sharedUrl } from "../support/fresh.ts";
import { openCache } from "../support/open-cache.ts";

const rounds = Number(process.env["CACHEWELL_ROUNDS"] ?? 50);
const requestsPerRound = 50;

function openSessions(): Sessions {
  const location = sharedUrl();
  const cache = openCache({ location, keyPrefix: freshPrefix(), commandTimeout: "10s" });
  return createSessions({ cache });
}

/** Begins a session that as many requests hold at once. */
async function requestsOfOne(sessions: Sessions): Promise<readonly Session[]> {
  const session = await sessions.load(undefined);
  await session.set("shared", { list: [] }).save();
  return Promise.all(Array.from({ length: requestsPerRound }, () => sessions.load(session.id)));
}

/** Returns the fields that the session of these requests lacks, though they were saved. */
async function lost(
  sessions: Sessions,
  requests: readonly Session[],
  valueOf: (index: number) => unknown,
): Promise<readonly string[]> {
  const found = await sessions.load(requests[0]?.id);
  const missing = requests.map((_, index) => `field ${index}`);
  return missing.filter((field, index) => {
    return JSON.stringify(found.get(field)) !== JSON.stringify(valueOf(index));
  });
}

test(
  `${rounds} times 50 requests save a field of their own at once: 50 of 50 are kept`,
  async () => {
    const sessions = openSessions();
    for (let round = 0; round < rounds; round++) {
      const requests = await requestsOfOne(sessions);
      const valueOf = (index: number): unknown => ({ round, index });
      await Promise.all(
        requests.map((request, index) => request.set(`field ${index}`, valueOf(index)).save()),
      );
      expect(await lost(sessions, requests, valueOf)).toEqual([]);
    }
  },
  Math.max(20_000, rounds * 500),
);

test("50 requests that change, read and delete other fields meanwhile lose none either", async () => {
  const sessions = openSessions();
  for (let round = 0; round < 10; round++) {
    const requests = await requestsOfOne(sessions);
    const valueOf = (index: number): unknown => [index, round];
    await Promise.all(
      requests.map(async (request, index) => {
        request.get("shared");
        request.set("draft", index).set(`field ${index}`, [index]);
        await request.save();
        request.get<number[]>(`field ${index}`, []).push(round);
        request.delete("draft");
        await request.save();
      }),
    );
    expect(await lost(sessions, requests, valueOf)).toEqual([]);
    expect((await sessions.load(requests[0]?.id)).get("shared")).toEqual({ list: [] });
  }
});

test("50 requests over two connections lose none either", async () => {
  const [location, keyPrefix] = [sharedUrl(), freshPrefix()];
  const both = [1, 2].map(() =>
    createSessions({ cache: openCache({ location, keyPrefix, commandTimeout: "10s" }) }),
  );
  const [one, other] = both;
  if (!one || !other) throw new Error("There are two.");
  for (let round = 0; round < 10; round++) {
    const [first] = await requestsOfOne(one);
    const requests = await Promise.all(
      Array.from({ length: requestsPerRound }, (_, index) =>
        (index % 2 === 0 ? one : other).load(first?.id),
      ),
    );
    await Promise.all(
      requests.map((request, index) => request.set(`field ${index}`, index).save()),
    );
    expect(await lost(one, requests, (index) => index)).toEqual([]);
  }
});
