import { expect, test } from "vitest";
import { runSteps } from "./check.mjs";

test("each step gets a line with its name and time", () => {
  const { passed, lines, commands } = check({ failing: "nothing" });
  expect(passed).toBe(true);
  expect(commands).toEqual(["first --fast", "second"]);
  expect(lines).toEqual([
    expect.stringMatching(/^✓ one \(\d+\.\d s\)$/),
    expect.stringMatching(/^✓ two \(\d+\.\d s\)$/),
  ]);
});

test("the first failure ends the run with its output", () => {
  const { passed, lines, commands } = check({ failing: "first" });
  expect(passed).toBe(false);
  expect(commands).toEqual(["first --fast"]);
  expect(lines).toEqual([expect.stringMatching(/^✗ one /), "output of first"]);
});

/** @param {{ failing: string }} plan the command that fails */
function check({ failing }) {
  /** @type {string[]} */
  const lines = [];
  /** @type {string[]} */
  const commands = [];
  const steps = [
    { name: "one", line: "first --fast" },
    { name: "two", line: "second" },
  ];
  const passed = runSteps(steps, {
    log: (line) => lines.push(line),
    run: (command, args) => {
      commands.push([command, ...args].join(" "));
      return { ok: command !== failing, output: `output of ${command}` };
    },
  });
  return { passed, lines, commands };
}
