import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { projectRoot, run } from "../command.mjs";
import { bounds } from "./bounds.mjs";
import { CallCounter } from "./call-counter.mjs";
import { scenes } from "./scenes.mjs";

/**
 * What one call of a way passes.
 *
 * @typedef {object} Way
 * @property {string} way its name in the table
 * @property {readonly { file: string, name: string }[]} functions in the order in which the call enters them
 */

/** How often each way is called before it is counted. */
const warmUps = 3;

/**
 * Builds the sources without bundling them, and counts one call of each way against a redis-server of its own.
 *
 * @returns {Promise<Way[]>}
 * @throws Error with the compiler's or the server's message where one of them fails
 */
export async function measureWays() {
  const folder = buildUnbundled();
  const counter = new CallCounter(folder);
  try {
    return await countAll(folder, counter);
  } finally {
    counter.stop();
    rmSync(folder, { recursive: true });
  }
}

/**
 * Compiles into a new folder below `build`, where Node finds the packages of the project. Types are `tsc`'s own matter
 * (`npm run check`), so that the counter also serves a tree in the middle of a move.
 */
function buildUnbundled() {
  const parent = path.join(projectRoot, "build");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(path.join(parent, "ways-"));
  const project = "--project tsconfig.build.json";
  const flags = "--noCheck --declaration false --isolatedDeclarations false";
  const { ok, output } = run("tsc", [...`${project} ${flags} --outDir`.split(" "), folder]);
  if (ok) return folder;
  rmSync(folder, { recursive: true });
  throw new Error(output);
}

/**
 * @param {string} folder
 * @param {CallCounter} counter
 */
async function countAll(folder, counter) {
  const load = (/** @type {string} */ file) => import(pathToFileURL(path.join(folder, file)).href);
  const { createCache } = await load("index.js");
  const { createSessions } = await load("sessions/index.js");
  const { startRedisServer } = await load("testing/redis-server.js");
  const server = await startRedisServer();
  try {
    /** @type {Way[]} */
    const ways = [];
    for (const { way } of bounds) {
      await server.cli("FLUSHALL");
      const tools = { createCache, createSessions, location: server.url() };
      ways.push({ way, functions: await countWay(requireScene(way), tools, counter) });
    }
    return ways;
  } finally {
    await server.stop();
  }
}

/** @param {string} way */
function requireScene(way) {
  const scene = scenes[way];
  if (!scene) throw new Error(`The way "${way}" has no scene.`);
  return scene;
}

/**
 * Counts one way, and closes the caches that its scene creates.
 *
 * @param {import("./scenes.mjs").Scene} scene
 * @param {import("./scenes.mjs").Stage} stage
 * @param {CallCounter} counter
 */
async function countWay(scene, stage, counter) {
  /** @type {import("./scenes.mjs").Cache[]} */
  const opened = [];
  try {
    const call = await scene({
      ...stage,
      createCache: (options) => {
        const cache = stage.createCache(options);
        opened.push(cache);
        return cache;
      },
    });
    for (let round = 0; round < warmUps; round += 1) await call();
    return (await counter.count(call)).map(({ file, name }) => ({ file, name }));
  } finally {
    for (const cache of opened) await cache.close();
  }
}
