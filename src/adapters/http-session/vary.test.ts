import { expect, test } from "vitest";
import { varyWithCookie } from "./vary.ts";

test.each([
  [[], "Cookie"],
  [[""], "Cookie"],
  [["Accept"], "Accept, Cookie"],
  [["Accept,Origin"], "Accept, Origin, Cookie"],
  [["Accept", "Origin"], "Accept, Origin, Cookie"],
  [["cookie"], "cookie"],
  [["Accept, COOKIE"], "Accept, COOKIE"],
  [["*"], "*"],
])("what %j says becomes %j", (said, vary) => {
  expect(varyWithCookie(said)).toBe(vary);
});
