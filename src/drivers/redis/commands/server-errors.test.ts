import { describe, expect, test } from "vitest";
import { ClosedError, type ServerRefusedError } from "../../../contracts/errors.ts";
import type { Command } from "./command.ts";
import { pongReply } from "./reply-types.ts";
import { toCacheError } from "./server-errors.ts";

function commandOf(...args: string[]): Command {
  return { args, firstKey: 1, keyCount: 1, isWrite: args[0] !== "GET", reply: pongReply };
}

const sha = "f".repeat(40);

describe("what a server's answer means", () => {
  test.each([
    ["WRONGTYPE Operation against a key holding the wrong kind of value", "WRONG_TYPE"],
    ["LOADING Redis is loading the dataset in memory", "STORE_UNAVAILABLE"],
    ["BUSY Redis is busy running a script.", "STORE_UNAVAILABLE"],
    ["MASTERDOWN Link with MASTER is down", "STORE_UNAVAILABLE"],
    ["CLUSTERDOWN The cluster is down", "STORE_UNAVAILABLE"],
    ["READONLY You can't write against a read only replica.", "STORE_UNAVAILABLE"],
    [
      `READONLY You can't write against a read only replica. script: ${sha}, on @user_script:1.`,
      "STORE_UNAVAILABLE",
    ],
    ["NOREPLICAS Not enough good replicas to write.", "STORE_UNAVAILABLE"],
    ["TRYAGAIN Multiple keys request during rehashing of slot", "STORE_UNAVAILABLE"],
    ["ERR max number of clients reached", "STORE_UNAVAILABLE"],
    ["ERR max number of clients + cluster connections reached", "STORE_UNAVAILABLE"],
    ["BUSYKEY Target key name already exists.", "SERVER_REFUSED"],
    ["OOM command not allowed when used memory > 'maxmemory'.", "SERVER_REFUSED"],
    ["NOPERM this user has no permissions to run the 'get' command", "SERVER_REFUSED"],
    ["NOAUTH Authentication required.", "SERVER_REFUSED"],
    ["WRONGPASS invalid username-password pair or user is disabled.", "SERVER_REFUSED"],
    ["MISCONF Redis is configured to save RDB snapshots", "SERVER_REFUSED"],
    ["NOSCRIPT No matching script. Please use EVAL.", "SERVER_REFUSED"],
    ["ERR syntax error", "SERVER_REFUSED"],
    ["read ECONNRESET", "STORE_UNAVAILABLE"],
    ["Socket closed unexpectedly", "STORE_UNAVAILABLE"],
    ["The client is closed", "STORE_UNAVAILABLE"],
  ])("%s", (answer, code) => {
    expect(toCacheError(new Error(answer), commandOf("SET", "key", "value"))).toMatchObject({
      code,
    });
  });

  test.each(["OOM", "NOPERM", "NOAUTH", "WRONGPASS", "MISCONF", "ERR"])(
    "%s is the reason",
    (reason) => {
      const error = toCacheError(new Error(`${reason} and more`), commandOf("SET"));
      expect(error).toMatchObject({ reason, operation: "SET" });
    },
  );

  test.each([
    [
      `ERR Error running script (call to f_${sha}): @user_script:3: WRONGTYPE Operation`,
      "WRONG_TYPE",
    ],
    [
      `ERR Error running script (call to f_${sha}): @user_script:3: @user_script: 3: -OOM command not allowed when used memory > 'maxmemory'.   `,
      "OOM",
    ],
    [
      `ERR Error running script (call to f_${sha}): @user_script:3: @user_script: 3: -READONLY You can't write against a read only replica.   `,
      "READONLY",
    ],
    ["@user_script: 10: -OOM command not allowed when used memory > 'maxmemory'.   ", "OOM"],
    ["@user_script: 10: -READONLY You can't write against a read only replica.   ", "READONLY"],
  ])("as Redis 6 says it out of a script: %s", (answer, meaning) => {
    const error = toCacheError(new Error(answer), commandOf("EVALSHA"));
    const { reason, code } = error as Partial<ServerRefusedError>;
    expect(reason ?? code).toBe(meaning);
    expect(error).not.toMatchObject({ maybeApplied: true });
  });

  test.each([undefined, null, "text"])(
    "what a client rejects with that is no error is a failed connection: %j",
    (thrown) => {
      expect(toCacheError(thrown, commandOf("SET"))).toMatchObject({
        code: "STORE_UNAVAILABLE",
        maybeApplied: true,
      });
    },
  );

  test("an answer of the server means that nothing was applied", () => {
    for (const answer of ["LOADING soon", "READONLY no", "BUSY yes"]) {
      expect(toCacheError(new Error(answer), commandOf("SET"))).toMatchObject({
        maybeApplied: false,
      });
    }
  });

  test("a connection that failed means that a write may have been applied, and a read changed nothing", () => {
    const lost = new Error("Socket closed unexpectedly");
    expect(toCacheError(lost, commandOf("SET", "key", "value"))).toMatchObject({
      maybeApplied: true,
    });
    expect(toCacheError(lost, commandOf("GET", "key"))).toMatchObject({ maybeApplied: false });
  });

  test("the client's own error is the cause", () => {
    const cause = new Error("ERR syntax error");
    expect(toCacheError(cause, commandOf("SET")).cause).toBe(cause);
  });

  test("an error of ours stays itself", () => {
    const own = new ClosedError("mine");
    expect(toCacheError(own, commandOf("SET"))).toBe(own);
  });

  test.each([
    "ERR unknown command 'SET', with args beginning with: 'key' 'secret' ",
    "ERR unknown command `SET`, with args beginning with: `key`, `secret`, ",
    "ERR unknown command 'SET', with args beginning with: 'key' 'two\nlines of a secret' ",
  ])("arguments that it quotes go no further: %s", (answer) => {
    const error = toCacheError(new Error(answer), commandOf("SET", "key", "secret"));
    const shown = `${error.message} ${error.stack} ${(error.cause as Error).message} ${(error.cause as Error).stack}`;
    expect(shown).not.toContain("secret");
  });

  test.each([undefined, null, "text", 5, {}])(
    "what is thrown and is no error, %j, is a failed connection",
    (thrown) => {
      expect(toCacheError(thrown, commandOf("GET"))).toMatchObject({ code: "STORE_UNAVAILABLE" });
    },
  );
});

test.each([new TypeError("a bug"), new RangeError("a bug")])("%s stays what it is", (bug) => {
  expect(toCacheError(bug, commandOf("GET", "key"))).toBe(bug);
});
