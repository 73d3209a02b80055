import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { run } from "../command.mjs";
import { functionsOf } from "./call-counter.mjs";

/**
 * Counts `call` of a module in a process of its own: coverage of this one would be the runner's.
 *
 * @param {string} source
 * @returns {string[]} the names of the functions
 */
function count(source) {
  const folder = mkdtempSync(path.join(tmpdir(), "cachewell-count-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(path.join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(path.join(folder, "subject.js"), source);
  const counter = pathToFileURL(path.join(import.meta.dirname, "call-counter.mjs")).href;
  const program = `
    import { CallCounter } from ${JSON.stringify(counter)};
    const counter = new CallCounter(${JSON.stringify(folder)});
    const { call } = await import(${JSON.stringify(pathToFileURL(path.join(folder, "subject.js")).href)});
    const functions = await counter.count(call);
    console.log(JSON.stringify(functions.map(({ name }) => name)));
    process.exit();`;
  const { output } = run(process.execPath, ["--input-type=module", "--eval", program]);
  return JSON.parse(output);
}

test("the functions come in the order in which the call enters them", () => {
  const names = count(`
    function last() {}
    const first = () => last();
    export async function call() { first(); await null; later(); }
    function later() {}
    function never() {}
  `);
  expect(names).toEqual(["call", "first", "last", "later"]);
});

test("what runs once the promise has settled does not count", () => {
  const names = count(`
    export function call() {
      const done = Promise.resolve();
      void done.then(() => undefined).then(() => after());
      return done;
    }
    function after() {}
  `);
  expect(names).not.toContain("after");
});

test("a function that runs in some calls only is the background's", () => {
  const names = count(`
    let calls = 0;
    export async function call() { if (calls++ === 2) timer(); always(); }
    function timer() {}
    function always() {}
  `);
  expect(names).toEqual(["call", "always"]);
});

test("bodies of modules and files of others do not count", () => {
  const range = (/** @type {number} */ startOffset) => {
    return { ranges: [{ startOffset, endOffset: 99, count: 1 }], isBlockCoverage: false };
  };
  const scripts = [
    {
      scriptId: "1",
      url: "file:///lib/a.js",
      functions: [
        { functionName: "", ...range(0) },
        { functionName: "", ...range(10) },
      ],
    },
    { scriptId: "2", url: "file:///other/b.js", functions: [{ functionName: "b", ...range(10) }] },
  ];
  expect(functionsOf(scripts, "file:///lib/")).toEqual([
    { file: "a", name: "", scriptId: "1", start: 10, end: 99 },
  ]);
});
