import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ServerLine } from "./server-line.mjs";

/** @import { Link } from "./silent-link.mjs" */

/** @typedef {Awaited<ReturnType<typeof choosePlace>>} Place */

const run = promisify(execFile);
const port = 6379;
const established = "01";

/** Returns why this machine gives us no network of our own, or `undefined` where it does. */
export async function whyNoNetwork() {
  const name = `cachewell-try-${process.pid}`;
  try {
    await run("ip", ["netns", "add", name]);
    await run("ip", ["netns", "del", name]);
    return undefined;
  } catch (error) {
    const lines = error instanceof Error ? error.message.trim().split("\n") : [];
    return `it needs network namespaces (${lines.at(-1)})`;
  }
}

/**
 * Opens a network namespace with a redis-server in it, reached through a pair of virtual
 * interfaces. `cut` makes it drop every packet of the server's, `heal` undoes that.
 *
 * @returns {Promise<Link & { close(): Promise<void> }>}
 */
export async function openSpareNetwork() {
  const place = await choosePlace();
  const undo = () => removeNow(place);
  process.once("exit", undo);
  const server = await lay(place).then(() => startServer(place));
  const blackhole = (/** @type {"add" | "del"} */ verb) =>
    run("ip", ["-n", place.name, "route", verb, "blackhole", `${place.ours}/32`]);
  return {
    url: `redis://${place.theirs}:${port}/0`,
    cut: () => blackhole("add"),
    heal: () => blackhole("del"),
    stuckSocket: () => stuckSocket(place),
    connections: async () => (await connectionsTo(place)).length,
    close: async () => {
      server.kill("SIGKILL");
      await once(server, "exit");
      process.off("exit", undo);
      await remove(place);
    },
  };
}

let opened = 0;

/** Chooses addresses of the range that RFC 2544 reserves for benchmarks. */
async function choosePlace() {
  const { pid } = process;
  const id = `${pid}-${(opened += 1)}`;
  const net = `198.18.${(pid >> 6) & 255}`;
  const first = (pid & 63) * 4;
  return {
    name: `cachewell-${id}`,
    outside: `cwo${id}`,
    inside: `cwi${id}`,
    ours: `${net}.${first + 1}`,
    theirs: `${net}.${first + 2}`,
    directory: await mkdtemp(join(tmpdir(), "cachewell-bench-")),
  };
}

/** @param {Place} place */
async function lay({ name, outside, inside, ours, theirs }) {
  const steps = [
    `netns add ${name}`,
    `link add ${outside} type veth peer name ${inside} netns ${name}`,
    `addr add ${ours}/30 dev ${outside}`,
    `link set ${outside} up`,
    `-n ${name} addr add ${theirs}/30 dev ${inside}`,
    `-n ${name} link set ${inside} up`,
    `-n ${name} link set lo up`,
  ];
  for (const step of steps) await run("ip", step.split(" "));
}

/** @param {Place} place */
async function startServer({ name, theirs, directory }) {
  const socketPath = join(directory, "redis.sock");
  const settings = [
    ["--bind", theirs],
    ["--port", `${port}`],
    ["--protected-mode", "no"],
    ["--unixsocket", socketPath],
    ["--dir", directory],
    ["--save", ""],
  ];
  const server = spawn("ip", ["netns", "exec", name, "redis-server", ...settings.flat()], {
    stdio: "ignore",
  });
  const line = await ServerLine.whenReady(socketPath);
  line.close();
  return server;
}

/**
 * Returns a check of whether one of the present connections has left the state "established".
 *
 * @param {Place} place
 */
async function stuckSocket(place) {
  const before = await connectionsTo(place);
  return async () => {
    const now = await connectionsTo(place);
    return before.some((end) => !now.includes(end));
  };
}

/**
 * Returns the local ends of the established connections to the server.
 *
 * @param {Place} place
 */
async function connectionsTo({ theirs }) {
  const table = await readFile("/proc/net/tcp", "utf8");
  const rows = table.split("\n").map((line) => line.trim().split(/\s+/));
  const remote = kernelAddress(theirs);
  return rows
    .filter(([, , remoteEnd, state]) => remoteEnd === remote && state === established)
    .map(([, localEnd]) => localEnd);
}

/**
 * Returns an address as /proc/net/tcp writes it on a little-endian machine.
 *
 * @param {string} address
 */
function kernelAddress(address) {
  const bytes = address.split(".").map(Number).toReversed();
  const [host, portText] = [Buffer.from(bytes).toString("hex"), port.toString(16)];
  return `${host}:${portText.padStart(4, "0")}`.toUpperCase();
}

/** @param {Place} place */
async function remove({ name, outside, directory }) {
  await run("ip", ["link", "del", outside]); // at once: with the namespace it goes some time later
  await run("ip", ["netns", "del", name]);
  await rm(directory, { recursive: true, force: true });
}

/** @param {Place} place */
function removeNow({ name, directory }) {
  try {
    const pids = execFileSync("ip", ["netns", "pids", name], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    })
      .split("\n")
      .filter(Boolean);
    for (const pid of pids) process.kill(Number(pid), "SIGKILL");
    execFileSync("ip", ["netns", "del", name], { stdio: "ignore" });
  } catch {
    // The network does not exist yet.
  }
  rmSync(directory, { recursive: true, force: true });
}
