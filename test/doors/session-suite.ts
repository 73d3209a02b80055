import { describe } from "vitest";
import { testCookieOptions } from "./suite/cookie-options.ts";
import { testCookies } from "./suite/cookies.ts";
import { testFailedRequests } from "./suite/failed-requests.ts";
import { testLifetimes } from "./suite/lifetimes.ts";
import { testLogins } from "./suite/logins.ts";
import { testOutages } from "./suite/outages.ts";
import { testReplacedResponses } from "./suite/replaced-responses.ts";
import { testRoundTrips } from "./suite/round-trips.ts";
import { testSharedCaches } from "./suite/shared-caches.ts";
import { testSideBySide } from "./suite/side-by-side.ts";
import { testSignatures } from "./suite/signatures.ts";
import { testStrangeCookies } from "./suite/strange-cookies.ts";
import { testStreams } from "./suite/streams.ts";
import type { SessionAppKind } from "./support/session-app.ts";
import { type OpenStage, places, stagesOf } from "./support/stage.ts";

type Group = readonly [title: string, test: (open: OpenStage) => void];

const everywhere: readonly Group[] = [
  ["the cookie", testCookies],
  ["the cookie's options", testCookieOptions],
  ["strange cookies", testStrangeCookies],
  ["signed cookies", testSignatures],
  ["logins", testLogins],
  ["lifetimes", testLifetimes],
  ["shared caches", testSharedCaches],
  ["requests that fail", testFailedRequests],
  ["responses that an error replaces", testReplacedResponses],
  ["streams", testStreams],
  ["requests side by side", testSideBySide],
];

const onRedis: readonly Group[] = [
  ["round trips", testRoundTrips],
  ["outages", testOutages],
];

/** Checks by real HTTP that a framework's door keeps every promise that all doors make alike. */
export function testSessionDoor(kind: SessionAppKind): void {
  for (const place of places) {
    describe(`the sessions of ${kind.name} in ${place}`, () => {
      const groups = place === "Redis" ? [...everywhere, ...onRedis] : everywhere;
      testGroups(groups, stagesOf(kind, place));
    });
  }
}

function testGroups(groups: readonly Group[], open: OpenStage): void {
  describe.each(groups)("%s", (_title, test) => {
    test(open);
  });
}
