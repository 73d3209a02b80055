import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RedisServer, startRedisServer } from "../../src/testing/redis-server.ts";
import { createTlsCertificates, type TlsCertificates } from "../support/tls-certificates.ts";

/*
 * Every example of the README and of docs/ is a program of its own, run here as a reader would run
 * it: pasted into a file, beside an installed cachewell. The comment behind each `console.log` is
 * the line that it prints.
 */

/** A fenced block of a page. */
interface Example {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const examples = ["README.md", ...pagesIn("docs")].flatMap((page) => readExamples(page));
const programs = examples
  .filter(({ language }) => language === "js")
  .map(({ page, line, text }, database) => ({ page, line, text, database }));
const typed = examples.filter(({ language }) => language === "ts");
const typedPages = [...new Set(typed.map(({ page }) => page))];

/** What the examples import beside cachewell, and scopes of such packages. */
const neighbours = [
  "@fastify",
  "@hono",
  "@redis",
  "@types",
  "express",
  "express-session",
  "fastify",
  "hono",
  "koa",
  "koa-session",
];

let workplace: string;
let certificates: TlsCertificates;
let redis: RedisServer;

beforeAll(async () => {
  workplace = await mkdtemp(join(tmpdir(), "cachewell-examples-"));
  await installInto(workplace);
  certificates = await createTlsCertificates(workplace);
  const args = ["--databases", String(programs.length)];
  redis = await startRedisServer({ tls: { certificates }, args });
});

afterAll(async () => {
  await redis?.stop();
  await rm(workplace, { recursive: true, force: true });
});

describe("the examples of the documentation", () => {
  test.for(programs)("print what they say: $page, line $line", async ({ text, database }) => {
    expect(await outputOf(text, database)).toEqual(expectedOutput(text));
  });

  test.for(typedPages)("have the types that they say: %s", { timeout: 60_000 }, async (page) => {
    expect(await typeErrorsOf(typed.filter((block) => block.page === page))).toBe("");
  });

  test("leave no program unchecked", () => {
    const languages = new Set(examples.map(({ language }) => language));
    expect([...languages].toSorted()).toEqual(["js", "mermaid", "sh", "text", "ts"]);
  });
});

function pagesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => `${folder}/${file}`)
    .toSorted();
}

function readExamples(page: string): Example[] {
  const text = readFileSync(join(root, page), "utf8");
  return Array.from(text.matchAll(/^```(\w*)\n(.*?)^```$/gms), (block) => {
    const line = text.slice(0, block.index).split("\n").length;
    return { page, line, language: block[1] ?? "", text: block[2] ?? "" };
  });
}

/** A folder in which `import "cachewell"` finds the built package, as after `npm install`. */
async function installInto(folder: string): Promise<void> {
  const modules = join(folder, "node_modules");
  await mkdir(modules);
  await symlink(root, join(modules, "cachewell"));
  for (const name of neighbours) {
    await symlink(join(root, "node_modules", name), join(modules, name));
  }
}

async function outputOf(text: string, database: number): Promise<string[]> {
  const file = `example-${database}.mjs`;
  await writeFile(join(workplace, file), withRealServer(text, database));
  const { stdout } = await run(process.execPath, [file], {
    cwd: workplace,
    env: { ...process.env, REDIS_CA_FILE: certificates.caFile },
    timeout: 15_000,
  });
  return stdout.split("\n").slice(0, -1);
}

/** Puts the test's own server, and a database of this example alone, where the page names a usual one. */
function withRealServer(text: string, database: number): string {
  return text
    .replaceAll("127.0.0.1:6379/0", `127.0.0.1:${redis.port}/${database}`)
    .replaceAll("localhost:6380/0", `localhost:${redis.tlsPort}/${database}`)
    .replaceAll("/run/redis/redis.sock?db=0", `${redis.socketPath}?db=${database}`);
}

/** Fails for a `console.log` without a comment: what it prints would go unchecked. */
function expectedOutput(text: string): string[] {
  const calls = text.split("\n").filter((line) => line.includes("console.log("));
  return calls.map((line) => {
    const comment = /console\.log\(.*\); \/\/ (.*)$/.exec(line)?.[1];
    if (comment === undefined) throw new Error(`Say behind it what this prints: ${line.trim()}`);
    return comment;
  });
}

async function typeErrorsOf(blocks: readonly Example[]): Promise<string> {
  const files = await Promise.all(
    blocks.map(async ({ page, text }, index) => {
      const file = `typed-${page.replaceAll("/", "-")}-${index}.mts`;
      await writeFile(join(workplace, file), text);
      return file;
    }),
  );
  const flags = "--noEmit --strict --exactOptionalPropertyTypes --skipLibCheck --types node";
  const dialect = "--target es2023 --lib esnext --module nodenext";
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const args = [tsc, ...flags.split(" "), ...dialect.split(" "), ...files];
  try {
    return (await run(process.execPath, args, { cwd: workplace })).stdout;
  } catch (error) {
    return (error as { readonly stdout: string }).stdout; // what execFile adds to its error
  }
}
