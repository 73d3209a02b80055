import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findErrorProblems, readErrorSource } from "./check-errors-documented.mjs";

const source = `
export abstract class CacheError extends Error {
  abstract readonly code: string;
}

export class CacheMissError extends CacheError {
  override readonly code = "CACHE_MISS";
}

export class ClosedError extends CacheError {
  override readonly code = "CLOSED";
}
`;
const miss = "## CacheMissError\n\nCode `CACHE_MISS`.\n";
const closed = "## ClosedError\n\nCode `CLOSED`.\n";

test("a page with a section for every class is fine, whatever else it contains", () => {
  expect(findErrorProblems(source, `# Errors\n\n## In short\n\n${miss}\n${closed}`)).toEqual([]);
});

test("a class without a section is named with its code", () => {
  expect(findErrorProblems(source, miss)).toEqual([
    'docs/errors.md lacks a section "## ClosedError" that names `CLOSED`',
  ]);
});

test("a code counts in the section of its own class only", () => {
  const page = `${miss}\`CLOSED\`\n\n## ClosedError\n`;
  expect(findErrorProblems(source, page)).toHaveLength(1);
});

test("a class without a literal code is a problem", () => {
  const codeless = source.replace('code = "CLOSED"', "code: string = CLOSED");
  expect(findErrorProblems(codeless, miss + closed)).toEqual([
    'docs/errors.md lacks a section "## ClosedError" that names `a literal code`',
  ]);
});

test("a section without a class is named", () => {
  expect(findErrorProblems(source, `${miss}${closed}## LostError\n`)).toEqual([
    "docs/errors.md describes LostError, which src/contracts lacks",
  ]);
});

test("classes may have files of their own in a folder", () => {
  const contracts = mkdtempSync(path.join(tmpdir(), "cachewell-errors-"));
  onTestFinished(() => rmSync(contracts, { recursive: true }));
  writeFileSync(path.join(contracts, "errors.ts"), 'export * from "./errors/closed.ts";');
  mkdirSync(path.join(contracts, "errors"));
  const text = `export class ClosedError extends Error {\n  readonly code = "CLOSED";\n}\n`;
  writeFileSync(path.join(contracts, "errors/closed.ts"), text);
  expect(findErrorProblems(readErrorSource(contracts), closed)).toEqual([]);
  expect(findErrorProblems(readErrorSource(contracts), "")).toHaveLength(1);
});
