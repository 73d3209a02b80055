import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { freshDatabase, sharedUnixUrl, sharedUrl } from "../support/fresh.ts";
import { projectRoot } from "../support/program.ts";
import { startedRedis } from "../support/servers.ts";
import { until } from "../support/until.ts";

/** The application of `npm start`, as a process of its own. */
interface Reader {
  readonly address: string;
  readonly process: ChildProcess;
  /** All that it has printed. */
  printed(): string;
}

interface ReaderOptions {
  readonly redisUrl?: string;
  readonly root?: string;
  readonly port?: string;
  /** In a shell that waits for it, as npm does it, and under npm's variable. */
  readonly underNpm?: boolean;
}

const run = promisify(execFile);
const command = `"${process.execPath}" build/examples/docs-reader/main.js`;
const places = ["memory", "Redis"] as const;

/** Returns what REDIS_URL is for a place; each test has a database of its own. */
async function locationOf(place: (typeof places)[number]): Promise<string> {
  return place === "memory" ? "" : sharedUrl(await freshDatabase());
}

async function startReader(options: ReaderOptions = {}): Promise<Reader> {
  const { redisUrl = "", port = "0", root = await makeDocuments(), underNpm = false } = options;
  const child = spawn(underNpm ? `${command}; true` : `exec ${command}`, {
    shell: true,
    cwd: projectRoot,
    env: {
      PATH: process.env["PATH"],
      PORT: port,
      REDIS_URL: redisUrl,
      DOCS_ROOT: root,
      ...(underNpm && { npm_lifecycle_event: "start" }),
    },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (printed += text));
  }
  const hasEnded = (): boolean => child.exitCode !== null;
  await until("the reader listens", () => printed.includes("Ctrl-C") || hasEnded(), 10_000);
  const address = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0] ?? "";
  return { address, process: child, printed: () => printed };
}

async function makeDocuments(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "cachewell-docs-"));
  onTestFinished(() => rm(root, { recursive: true }));
  await mkdir(join(root, "docs/guide"), { recursive: true });
  await writeFile(
    join(root, "README.md"),
    "# Small project\n\nSee [the guide](docs/guide/first.md#why), [code](src/index.ts).\n\n<script>bad()</script>\n",
  );
  await writeFile(
    join(root, "docs/guide/first.md"),
    "# First steps\n\n## Why\n\n[back](../../README.md)\n\n## How\n",
  );
  await writeFile(join(root, "package.json"), '{ "secret": true }');
  await symlink(join(root, "package.json"), join(root, "docs/linked.md"));
  return root;
}

/** Returns the status of a request that `fetch` would tidy up or forbid. */
async function statusOf(
  address: string,
  path: string,
  options: { readonly method?: string; readonly headers?: Record<string, string> } = {},
): Promise<number> {
  const { hostname, port } = new URL(address);
  const asking = request({ hostname, port, path, ...options });
  asking.end();
  const [response] = await once(asking, "response");
  response.resume();
  return response.statusCode;
}

function postPattern(reader: Reader, pattern: string, headers = {}): Promise<Response> {
  const body = new URLSearchParams({ pattern });
  return fetch(`${reader.address}/cache/delete`, { method: "POST", body, headers });
}

/** Returns the code that the reader ends with after a signal, and how long that took. */
async function endingOf(reader: Reader, signal: NodeJS.Signals) {
  const startedMs = performance.now();
  const ended = once(reader.process, "exit");
  reader.process.kill(signal);
  const [exitCode] = await ended;
  return { exitCode, tookMs: performance.now() - startedMs };
}

async function outcomeOf(reader: Reader, path: string): Promise<string | null> {
  const response = await fetch(reader.address + path);
  await response.text();
  return response.headers.get("x-cache");
}

/** Returns whether nobody listens at an address. */
async function refuses(address: string): Promise<boolean> {
  try {
    await fetch(address);
    return false;
  } catch {
    return true;
  }
}

beforeAll(async () => {
  await run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "examples"], {
    cwd: projectRoot,
  });
});

describe.each(places)("the documentation reader, cached in %s", (place) => {
  test("renders a page once and then reads it from the cache", async () => {
    const reader = await startReader({ redisUrl: await locationOf(place) });
    const first = await fetch(`${reader.address}/README.md`);
    expect(first.headers.get("x-cache")).toBe("miss");
    expect(await first.text()).toMatch(/cache miss<\/strong> .*rendered in <b>[\d.]+ [µm]s/);

    const second = await fetch(`${reader.address}/README.md`);
    expect(second.headers.get("x-cache")).toBe("hit");
    const where = place === "memory" ? "memory" : "redis://127";
    expect(await second.text()).toMatch(new RegExp(`cache hit</strong> .*read from ${where}`));
  });

  test("shows an edited file at once", async () => {
    const root = await makeDocuments();
    const reader = await startReader({ redisUrl: await locationOf(place), root });
    await outcomeOf(reader, "/README.md");
    await writeFile(join(root, "README.md"), "# New title\n");
    const response = await fetch(reader.address);
    expect(response.headers.get("x-cache")).toBe("miss");
    expect(await response.text()).toContain("<title>New title ");
  });

  test("counts the views of a page", async () => {
    const reader = await startReader({ redisUrl: await locationOf(place) });
    for (const views of ["1 view", "2 views", "3 views"]) {
      const page = await fetch(`${reader.address}/README.md`);
      expect(await page.text()).toContain(` · ${views}<`);
    }
  });

  test("remembers a visitor by a cookie that scripts cannot read", async () => {
    const reader = await startReader({ redisUrl: await locationOf(place) });
    const first = await fetch(`${reader.address}/docs/guide/first.md`);
    const setCookie = first.headers.get("set-cookie") ?? "";
    expect(setCookie).toMatch(/; HttpOnly; SameSite=Lax; Path=\//);
    expect(await first.text()).toContain("first page you read here");

    const cookie = setCookie.split(";", 1)[0] ?? "";
    const second = await fetch(reader.address, { headers: { cookie } });
    expect(second.headers.get("set-cookie")).toBeNull();
    expect(await second.text()).toMatch(
      /You have read 1 page before.*You read last<\/h2><ul><li><a href="\/docs\/guide\/first.md">First steps</s,
    );

    const keys = await (await fetch(`${reader.address}/cache`)).text();
    expect(keys).toContain("visitor:");
    expect(keys).not.toContain(cookie.split("=", 2)[1]);
  });

  test("lists keys by pattern, with what is left of their lifetime", async () => {
    const reader = await startReader({ redisUrl: await locationOf(place) });
    await outcomeOf(reader, "/README.md");
    const all = await (await fetch(`${reader.address}/cache`)).text();
    expect(all).toMatch(/page:README\.md@[^<]+<\/code><\/td><td>(5 min|4 min \d+ s)</);
    expect(all).toContain("views:README.md</code></td><td>for ever<");

    const few = await (await fetch(`${reader.address}/cache?pattern=views:*`)).text();
    expect(few).toContain("1 key matches");
    expect(few).not.toContain("<code>page:README.md");
  });

  test("deletes by pattern, and renders anew", async () => {
    const reader = await startReader({ redisUrl: await locationOf(place) });
    await outcomeOf(reader, "/README.md");
    expect(await outcomeOf(reader, "/README.md")).toBe("hit");

    const deleted = await postPattern(reader, "page:*", { origin: reader.address });
    expect(deleted.redirected).toBe(true);
    expect(await deleted.text()).toContain("1 key deleted.");
    expect(await outcomeOf(reader, "/README.md")).toBe("miss");
  });

  test("ends with code 0 within two seconds of SIGINT", async () => {
    const reader = await startReader({ redisUrl: await locationOf(place) });
    await outcomeOf(reader, "/README.md");
    const { exitCode, tookMs } = await endingOf(reader, "SIGINT");
    expect(exitCode).toBe(0);
    expect(tookMs).toBeLessThan(2_000);
  });
});

describe("the documentation reader", () => {
  test("reads this project's own documents", async () => {
    const reader = await startReader({ root: "" });
    const page = await (await fetch(reader.address)).text();
    expect(page).toContain("<title>cachewell ");
    expect(page).toContain('<a href="/CONTRIBUTING.md">');
  });

  test("rewrites links between documents, and shows tags as text", async () => {
    const reader = await startReader();
    const page = await (await fetch(reader.address)).text();
    expect(page).toContain('<a href="/docs/guide/first.md#why">the guide</a>');
    expect(page).toContain('<span class="elsewhere">code</span>');
    expect(page).toContain("&lt;script&gt;");
    const guide = await (await fetch(`${reader.address}/docs/guide/first.md`)).text();
    expect(guide).toContain('<a href="/README.md">back</a>');
    expect(guide).toContain('<h2 id="why">');
  });

  test("allows no scripts", async () => {
    const reader = await startReader();
    const { headers } = await fetch(reader.address);
    expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'self'/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("shows documents alone: no path leads to other files", async () => {
    const { address } = await startReader();
    const paths = [
      "/../package.json",
      "/%2e%2e/package.json",
      "/docs/..%2f..%2fpackage.json",
      "/docs/..\\..\\package.json",
      "/docs/../../../../etc/passwd",
      "//etc/passwd",
      "/package.json",
      "/docs/linked.md",
      "/README.md%00",
      "/nothing.md",
      "/%E0%A4",
    ];
    const statuses = await Promise.all(paths.map((path) => statusOf(address, path)));
    expect(new Set(statuses)).toEqual(new Set([404]));
    expect(await statusOf(address, "http://elsewhere/README.md")).toBe(400);
  });

  test("takes GET, HEAD and the one form, nothing else", async () => {
    const { address } = await startReader();
    expect(await statusOf(address, "/README.md", { method: "HEAD" })).toBe(200);
    expect(await statusOf(address, "/README.md", { method: "POST" })).toBe(405);
    expect(await statusOf(address, "/README.md", { method: "DELETE" })).toBe(405);
    expect(await statusOf(address, "/cache/delete")).toBe(405);
  });

  test.for([
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { origin: "http://elsewhere.example" },
    { origin: "null" },
  ])("refuses a form with %j and deletes nothing", async (headers) => {
    const reader = await startReader();
    await outcomeOf(reader, "/README.md");
    expect((await postPattern(reader, "*", headers)).status).toBe(403);
    expect(await outcomeOf(reader, "/README.md")).toBe("hit");
  });

  test("refuses a form by a foreign name that was pointed here", async () => {
    const { address } = await startReader();
    const headers = { host: "elsewhere.example", origin: "http://elsewhere.example" };
    expect(await statusOf(address, "/cache/delete", { method: "POST", headers })).toBe(403);
  });

  test("says what is wrong with a pattern", async () => {
    const reader = await startReader();
    const listed = await fetch(`${reader.address}/cache?pattern=`);
    expect(listed.status).toBe(400);
    expect(await listed.text()).toContain("The pattern must not be empty.");
    expect((await postPattern(reader, "")).status).toBe(400);
  });

  test("escapes a pattern that is shown", async () => {
    const reader = await startReader();
    const query = new URLSearchParams({ pattern: '"><script>' });
    const page = await (await fetch(`${reader.address}/cache?${query.toString()}`)).text();
    expect(page).not.toContain("<script>");
  });

  test("refuses forms that are too large or none", async () => {
    const reader = await startReader();
    expect((await postPattern(reader, "x".repeat(5_000))).status).toBe(413);
    const asText = { "content-type": "text/plain" };
    expect((await postPattern(reader, "*", asText)).status).toBe(415);
  });

  test("takes a free port where the usual one is taken, and says so", async () => {
    const first = await startReader();
    const { port } = new URL(first.address);
    const second = await startReader({ port });
    expect(second.address).not.toBe(first.address);
    expect(second.printed()).toContain(`Port ${port} is taken`);
    expect(await outcomeOf(second, "/README.md")).toBe("miss");
  });

  test.for([
    [{ port: "many" }, 'PORT must be a number from 0 to 65535, not "many".'],
    [{ redisUrl: "redis://user:secret@" }, "docs-reader: The redis: location"],
  ] as const)("ends with one line for settings such as %j", async ([options, line]) => {
    const reader = await startReader(options);
    expect(reader.process.exitCode).toBe(1);
    await until("it says why", () => reader.printed().includes(line));
    expect(reader.printed()).not.toContain("secret");
    expect(reader.printed().trim().split("\n")).toHaveLength(1);
  });

  test("ends with code 0 while a request is under way, and for SIGTERM", async () => {
    const reader = await startReader();
    const idle = request(`${reader.address}/cache/delete`, { method: "POST" });
    idle.on("error", () => undefined).flushHeaders();
    await once(idle, "socket");
    const { exitCode, tookMs } = await endingOf(reader, "SIGTERM");
    expect(exitCode).toBe(0);
    expect(tookMs).toBeLessThan(2_000);
  });

  test("ends with the shell that npm runs it in", async () => {
    const reader = await startReader({ underNpm: true });
    reader.process.kill("SIGTERM");
    await until("it is gone", () => refuses(reader.address));
    expect(reader.printed()).not.toContain("Error");
  });

  test("reads from a Redis by its unix socket", async () => {
    const redisUrl = sharedUnixUrl(await freshDatabase());
    const reader = await startReader({ redisUrl });
    await outcomeOf(reader, "/README.md");
    expect(await outcomeOf(reader, "/README.md")).toBe("hit");
    expect(reader.printed()).toMatch(/redis-cli -s \S+\.sock -n \d+ --scan/);
  });

  test("goes on without its Redis, says so on the page, and comes back to it", async () => {
    const redis = await startedRedis({ args: ["--requirepass", "secret"] });
    const redisUrl = redis.url().replace("//", "//:secret@");
    const reader = await startReader({ redisUrl });
    await outcomeOf(reader, "/README.md");
    expect(await outcomeOf(reader, "/README.md")).toBe("hit");
    await redis.kill();

    const alone = await (await fetch(`${reader.address}/README.md`)).text();
    expect(alone).toContain("The cache is unreachable.");
    expect(alone).toContain("Small project");
    expect(alone).not.toContain("secret");
    expect((await fetch(`${reader.address}/cache`)).status).toBe(200);
    expect(reader.printed()).toContain("failed, ignored");

    await redis.restart();
    await until("the cache is back", async () => (await outcomeOf(reader, "/README.md")) === "hit");
    expect(reader.printed()).not.toContain("secret");
  });

  test("answers and ends although its Redis is frozen", async () => {
    const redis = await startedRedis();
    const reader = await startReader({ redisUrl: redis.url() });
    await outcomeOf(reader, "/README.md");
    redis.freeze();
    const page = await fetch(`${reader.address}/README.md`, { signal: AbortSignal.timeout(4_000) });
    expect(await page.text()).toContain("The cache is unreachable.");
    const { exitCode, tookMs } = await endingOf(reader, "SIGINT");
    expect(exitCode).toBe(0);
    expect(tookMs).toBeLessThan(2_000);
  });
});
