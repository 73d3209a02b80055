import { expect, test } from "vitest";
import { headersToDrop } from "./replaced-response.ts";

test.each([
  ["of the body", ["Content-Type", "Content-Length", "ETag", "Content-Digest", "Trailer"]],
  ["of freshness", ["Cache-Control", "CDN-Cache-Control", "Expires", "Age"]],
  ["of another place", ["Location", "Refresh", "X-Accel-Redirect"]],
])("headers %s are dropped, as they are written", (_what, names) => {
  expect(headersToDrop(names)).toEqual(names);
  expect(headersToDrop(names.map((name) => name.toLowerCase()))).toHaveLength(names.length);
});

test("headers that go with any response stay", () => {
  const names = ["Set-Cookie", "Vary", "Content-Security-Policy", "Access-Control-Allow-Origin"];
  expect(headersToDrop(names)).toEqual([]);
});
