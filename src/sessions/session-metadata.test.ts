import { describe, expect, test } from "vitest";
import {
  metadataChanges,
  noMetadata,
  readMetadata,
  type SessionMetadata,
} from "./session-metadata.ts";

const entry = { user: "42", untilAgeMs: 5_000 };
const idle = { kind: "idle", ttlMs: 60_000 } as const;
const full: SessionMetadata = { expiry: idle, entry };

/** Returns the items as they are stored after these changes. */
function apply(
  stored: ReadonlyMap<string, string>,
  changes: ReadonlyMap<string, string | undefined>,
): ReadonlyMap<string, string> {
  const after = new Map(stored);
  for (const [name, text] of changes) {
    if (text === undefined) after.delete(name);
    else after.set(name, text);
  }
  return after;
}

function changed(
  before: SessionMetadata,
  after: SessionMetadata,
  writesUser = false,
): readonly string[] {
  return [...metadataChanges({ before, after, writesUser }).keys()].toSorted();
}

describe("metadata", () => {
  test.each([
    ["none", noMetadata],
    ["an expiry", { expiry: idle, entry: undefined }],
    ["the end of the browser", { expiry: { kind: "browser" }, entry: undefined }],
    ["an entry", { expiry: undefined, entry }],
    ["all", full],
  ] as const)("%s are read as they were written, and taken back", (_, metadata) => {
    const stored = apply(
      new Map(),
      metadataChanges({ before: noMetadata, after: metadata, writesUser: false }),
    );
    expect(readMetadata(stored)).toEqual(metadata);
    const back = metadataChanges({ before: metadata, after: noMetadata, writesUser: false });
    expect(apply(stored, back)).toEqual(new Map());
  });

  test("those that are the same are not written", () => {
    expect(changed(full, full)).toEqual([]);
    expect(changed(full, { expiry: { ...idle }, entry: { ...entry } })).toEqual([]);
  });

  test("only what differs is written", () => {
    expect(changed(full, { ...full, expiry: undefined })).toEqual(["expiry"]);
    expect(changed(full, { ...full, entry: { ...entry, untilAgeMs: 6_000 } })).toEqual(["entry"]);
    expect(changed(full, { ...full, entry: { ...entry, user: "7" } })).toEqual(["user"]);
    expect(changed(full, { ...full, entry: undefined })).toEqual(["entry", "user"]);
  });

  test("of a user that is written all is, be it as before, or gone", () => {
    expect(changed(full, full, true)).toEqual(["entry", "user"]);
    expect(changed(noMetadata, noMetadata, true)).toEqual(["entry", "user"]);
    const taken = metadataChanges({ before: noMetadata, after: noMetadata, writesUser: true });
    expect([...taken.values()]).toEqual([undefined, undefined]);
  });

  test.each([
    ["a user without an entry", [["user", "42"]]],
    ["an entry without a user", [["entry", "5000"]]],
    [
      "an entry that is no number",
      [
        ["user", "42"],
        ["entry", "long"],
      ],
    ],
    [
      "an endless entry",
      [
        ["user", "42"],
        ["entry", "Infinity"],
      ],
    ],
    ["an expiry that is none", [["expiry", "later"]]],
    ["items of a later version", [["color", "red"]]],
  ] as readonly (readonly [string, readonly (readonly [string, string])[]])[])(
    "%s counts as absent",
    (_, stored) => {
      expect(readMetadata(new Map(stored))).toEqual(noMetadata);
    },
  );
});
