import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** The project's root: a program that runs there imports `cachewell` as its users do, built. */
export const projectRoot: string = fileURLToPath(new URL("../../", import.meta.url));

/** How a program ended, and what it said. */
export interface Ending {
  /** The exit code; `null` when it did not end by itself in time and was killed. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: number;
}

/** How to run a program. */
export interface ProgramOptions {
  /** Arguments of Node's own, as in `["--expose-gc"]`. */
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where it runs, and looks for packages. @default the project's root */
  readonly cwd?: string;
  /** @default "module" */
  readonly type?: "module" | "commonjs";
  /** @default 15_000 */
  readonly withinMs?: number;
}

/** Runs a text as a program of its own, over the built package, to its end. */
export async function runProgram(source: string, options: ProgramOptions = {}): Promise<Ending> {
  const { nodeArgs = [], env = {}, cwd = projectRoot } = options;
  const { type = "module", withinMs = 15_000 } = options;
  if (!existsSync(`${projectRoot}dist/index.js`)) throw new Error("Build first: npm run build.");
  const startedMs = performance.now();
  const child = spawn(process.execPath, [...nodeArgs, `--input-type=${type}`, "--eval", source], {
    cwd,
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const tooLong = setTimeout(() => child.kill("SIGKILL"), withinMs);
  const [[exitCode], stdout, stderr] = await Promise.all([
    once(child, "close") as Promise<[number | null]>, // the event's first argument
    text(child.stdout),
    text(child.stderr),
  ]);
  clearTimeout(tooLong);
  return { exitCode, stdout, stderr, tookMs: performance.now() - startedMs };
}
