import { readdirSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { runSteps } from "./check.mjs";
import { projectRoot } from "./command.mjs";

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

test.for(["src", "test", "examples", "scripts", "bench"])(
  "the types of all files in %s are checked",
  (folder) => {
    const unchecked = sourcesIn(folder).filter((file) => !typed.has(file));
    expect(unchecked).toEqual([]);
  },
);

const typed = typeCheckedFiles();

/** Returns the files that `tsc` checks, relative to the project. */
function typeCheckedFiles() {
  const { config } = ts.readConfigFile(path.join(projectRoot, "tsconfig.json"), (file) =>
    ts.sys.readFile(file),
  );
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, projectRoot);
  expect(options).toMatchObject({ strict: true, checkJs: true });
  return new Set(fileNames.map((file) => path.relative(projectRoot, file)));
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function sourcesIn(folder) {
  return readdirSync(path.join(projectRoot, folder), { withFileTypes: true }).flatMap((entry) => {
    const place = path.join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : sourcesIn(place);
    return /\.[cm]?[jt]s$/.test(entry.name) ? [place] : [];
  });
}
