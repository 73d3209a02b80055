import { describe, expect, test } from "vitest";
import type { Command } from "./command.ts";
import {
  existsCommand,
  flushCommand,
  incrByCommand,
  membersCommand,
  persistCommand,
  pexpireAtCommand,
  pexpireCommand,
  pingCommand,
  pttlCommand,
  removeMembersCommand,
  renameCommand,
  scanCommand,
  unlinkCommand,
} from "./key-commands.ts";
import { fieldsAsText, fieldsCommand } from "./record-commands.ts";
import { integerReply } from "./reply-types.ts";
import {
  getAndDeleteCommand,
  getCommand,
  mgetCommand,
  setCommand,
  valuesAsText,
} from "./value-commands.ts";

const minute = { ttlMs: 60_000 };

const reads: readonly Command[] = [
  getCommand("a", valuesAsText),
  mgetCommand(["a", "b"], valuesAsText),
  existsCommand(["a", "b"]),
  pttlCommand("a"),
  fieldsCommand("a", fieldsAsText),
  membersCommand("a"),
  scanCommand("0", "a*", 10),
  pingCommand,
];

const writes: readonly Command[] = [
  setCommand("a", "1", { lifetime: minute }),
  setCommand("a", "1", { lifetime: "forever", condition: "absent" }),
  getAndDeleteCommand("a"),
  unlinkCommand(["a", "b"]),
  pexpireCommand("a", 1),
  pexpireAtCommand("a", 1),
  persistCommand("a"),
  incrByCommand("a", "1", integerReply),
  renameCommand("a", "b"),
  removeMembersCommand("a", ["m"]),
  flushCommand,
];

function named(commands: readonly Command[]): (readonly [string, Command])[] {
  return commands.map((command) => [command.args.join(" "), command]);
}

describe("a command knows", () => {
  test.each(named(reads))("that it changes nothing: %s", (_what, { isWrite }) => {
    expect(isWrite).toBe(false);
  });

  test.each(named(writes))("that it may change something: %s", (_what, { isWrite }) => {
    expect(isWrite).toBe(true);
  });

  test.each(named([...reads, ...writes]))("its keys: %s", (_what, command) => {
    const { args, firstKey, keyCount } = command;
    const isKey = (argument: unknown): boolean => argument === "a" || argument === "b";
    expect(args.slice(firstKey, firstKey + keyCount)).toEqual(args.filter(isKey));
  });
});
