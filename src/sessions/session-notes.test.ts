import { describe, expect, test } from "vitest";
import { noNotes, noteChanges, readNotes, type SessionNotes } from "./session-notes.ts";

const lease = { user: "42", untilAgeMs: 5_000 };
const idle = { kind: "idle", ttlMs: 60_000 } as const;
const full: SessionNotes = { expiry: idle, lease };

/** Returns the notes as they are stored after these changes. */
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

function changed(before: SessionNotes, after: SessionNotes, writesUser = false): readonly string[] {
  return [...noteChanges({ before, after, writesUser }).keys()].toSorted();
}

describe("notes", () => {
  test.each([
    ["none", noNotes],
    ["an expiry", { expiry: idle, lease: undefined }],
    ["the end of the browser", { expiry: { kind: "browser" }, lease: undefined }],
    ["a lease", { expiry: undefined, lease }],
    ["all", full],
  ] as const)("%s are read as they were written, and taken back", (_, notes) => {
    const stored = apply(
      new Map(),
      noteChanges({ before: noNotes, after: notes, writesUser: false }),
    );
    expect(readNotes(stored)).toEqual(notes);
    const back = noteChanges({ before: notes, after: noNotes, writesUser: false });
    expect(apply(stored, back)).toEqual(new Map());
  });

  test("those that are the same are not written", () => {
    expect(changed(full, full)).toEqual([]);
    expect(changed(full, { expiry: { ...idle }, lease: { ...lease } })).toEqual([]);
  });

  test("only what differs is written", () => {
    expect(changed(full, { ...full, expiry: undefined })).toEqual(["expiry"]);
    expect(changed(full, { ...full, lease: { ...lease, untilAgeMs: 6_000 } })).toEqual(["lease"]);
    expect(changed(full, { ...full, lease: { ...lease, user: "7" } })).toEqual(["user"]);
    expect(changed(full, { ...full, lease: undefined })).toEqual(["lease", "user"]);
  });

  test("of a user that is written all is, be it as before, or gone", () => {
    expect(changed(full, full, true)).toEqual(["lease", "user"]);
    expect(changed(noNotes, noNotes, true)).toEqual(["lease", "user"]);
    const taken = noteChanges({ before: noNotes, after: noNotes, writesUser: true });
    expect([...taken.values()]).toEqual([undefined, undefined]);
  });

  test.each([
    ["a user without a lease", [["user", "42"]]],
    ["a lease without a user", [["lease", "5000"]]],
    [
      "a lease that is no number",
      [
        ["user", "42"],
        ["lease", "long"],
      ],
    ],
    [
      "an endless lease",
      [
        ["user", "42"],
        ["lease", "Infinity"],
      ],
    ],
    ["an expiry that is none", [["expiry", "later"]]],
    ["notes of a later version", [["color", "red"]]],
  ] as readonly (readonly [string, readonly (readonly [string, string])[]])[])(
    "%s counts as not noted",
    (_, stored) => {
      expect(readNotes(new Map(stored))).toEqual(noNotes);
    },
  );
});
