/** One turn of cost.mjs: prints the µs of CPU that an operation of one build costs. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { measure } from "./measure.mjs";
import { session } from "./session.mjs";

const [, , build, operation, concurrency, location] = process.argv;
const stretches = 8;
const stretchMs = 250;
const keyCount = 1_000;
const { createCache } = await import(pathToFileURL(join(build, "index.js")).href);
const cache = createCache({ location, commandTimeout: "30s" });
const keys = Array.from({ length: keyCount }, (_none, index) => `session:${index}`);
for (const key of keys) await cache.set(key, session);

const operations = {
  get: (turn) => cache.get(keys[turn % keyCount]),
  set: (turn) => cache.set(keys[turn % keyCount], session),
};
const rules = { concurrency: Number(concurrency), ms: stretchMs };
await measure(operations[operation], { ...rules, ms: 2 * stretchMs }); // warms up
const figures = [];
for (let stretch = 0; stretch < stretches; stretch += 1) {
  figures.push((await measure(operations[operation], rules)).cpuMicros);
}
console.log(Math.min(...figures));
await cache.close();
