import process from "node:process";
import { afterEach, expect, test, vi } from "vitest";
import { findProgram, isMain, projectRoot, report, run } from "./command.mjs";

afterEach(() => {
  process.exitCode = undefined;
  vi.restoreAllMocks();
});

test("a successful command returns its output", () => {
  expect(run("node", ["-p", "1 + 1"])).toEqual({ ok: true, output: "2\n" });
});

test("a failed command returns its error output", () => {
  const outcome = run("node", ["-e", "console.error('no'); process.exit(3)"]);
  expect(outcome).toEqual({ ok: false, output: "no\n" });
});

test("a command that does not exist is a failure", () => {
  expect(run("no-such-command", []).ok).toBe(false);
});

test("commands run in the project", () => {
  expect(run("node", ["-p", "process.cwd()"]).output.trim()).toBe(projectRoot);
});

test("a program is found on the search path, or not at all", () => {
  expect(findProgram("sh", "/nowhere:/bin")).toBe("/bin/sh");
  expect(findProgram("sh", "/nowhere")).toBeUndefined();
});

test("an imported module is not the program", () => {
  expect(isMain(import.meta)).toBe(false);
});

test("problems are printed and make the process fail", () => {
  const print = vi.spyOn(console, "error").mockReturnValue();

  report([]);
  expect(process.exitCode).toBeUndefined();

  report(["one", "two"]);
  expect(print.mock.calls).toEqual([["one"], ["two"]]);
  expect(process.exitCode).toBe(1);
});
