import { setTimeout as wait } from "node:timers/promises";
import { ClosedError } from "cachewell";
import { startFaultProxy, startRedisServer } from "cachewell/testing";
import { connectionCount, openSubjects } from "./caches.mjs";
import { Checker } from "./checker.mjs";
import { Counters } from "./counters.mjs";
import { FaultSchedule, heal, playFault } from "./faults.mjs";
import { Heart } from "./heart.mjs";
import { Load } from "./load.mjs";
import { LockBook } from "./locks.mjs";
import { Random } from "./random.mjs";
import { reportOf } from "./report.mjs";
import { countClients, countHandles, handlesMore, takeVitals } from "./vitals.mjs";

/** How much more the process may hold at the end than after the warm-up. */
const heapGrowthMiB = 12;
const buffersGrowthMiB = 24;

/** The warm-up is a part of the run, with faults like the rest. */
const warmUpShare = 0.25;
const longestWarmUpMs = 30_000;

/** The last stretch is healthy, and long enough for all to recover. */
const lastStretchMs = 2_500;

/** How long a call may be overdue until it counts as one that never ends. */
const neverMs = 5_000;
const restWithinMs = 8_000;
const watchEveryMs = 1_000;

/** @typedef {import("./vitals.mjs").Vitals} Vitals */

/** One run: it opens everything, storms, closes everything and reports. */
export class ChaosRun {
  #options;
  #heart = new Heart();
  #checker = new Checker({
    now: () => performance.now(),
    lateMs: () => this.#heart.lateMs,
  });
  #counters = new Counters(this.#checker.findings);
  #locks = new LockBook(this.#checker.findings, () => this.#counters.epoch);
  #schedule;
  #random;
  #early = new AbortController();
  /** @type {Map<string, number>} */
  #faults = new Map();

  /** @param {{ readonly seconds: number, readonly seed: number, readonly calls: number }} options */
  constructor(options) {
    this.#options = options;
    this.#schedule = new FaultSchedule(options.seed);
    this.#random = new Random(options.seed + 1);
  }

  /** Starts no further fault; the report follows as usual. */
  endEarly() {
    this.#early.abort();
  }

  /** Returns the report, and whether no rule was broken. */
  async toItsEnd() {
    const handlesAtFirst = countHandles();
    this.#watchProcess();
    this.#heart.start();
    const beganMs = performance.now();
    const world = await this.#open();
    const vitals = await this.#stormTwice(world);
    await this.#close(world);
    await this.#judgeRemains(handlesAtFirst);
    this.#heart.stop();
    const report = reportOf({
      seed: this.#options.seed,
      seconds: (performance.now() - beganMs) / 1_000,
      checker: this.#checker,
      counters: this.#counters,
      locks: this.#locks,
      heart: this.#heart,
      visits: world.load.visits,
      faults: this.#faults,
      ...vitals,
    });
    return { report, isGood: this.#checker.findings.count() === 0 };
  }

  #watchProcess() {
    const { findings } = this.#checker;
    const addFinding = (/** @type {string} */ rule) => (/** @type {unknown} */ what) => {
      findings.add(rule, what instanceof Error ? (what.stack ?? what.message) : String(what));
    };
    process.on("unhandledRejection", addFinding("an unhandled rejection"));
    process.on("uncaughtException", addFinding("an uncaught exception"));
    process.on("warning", addFinding("a warning of the process"));
  }

  /** @returns {Promise<World>} */
  async #open() {
    const server = await startRedisServer();
    const proxy = await startFaultProxy({ port: server.port });
    const locations = { proxied: proxy.url(), direct: `unix://${server.socketPath}` };
    const subjects = openSubjects(locations);
    const desk = { checker: this.#checker, counters: this.#counters, locks: this.#locks };
    const load = new Load(desk, subjects, locations.proxied);
    const victims = {
      server,
      proxy,
      sleep: (/** @type {number} */ ms) => this.#sleep(ms),
      dataLost: () => this.#counters.dataLost(),
    };
    return { server, proxy, subjects, load, victims };
  }

  /**
   * What the process holds after the second storm is compared with what it held after the first.
   *
   * @param {World} world
   */
  async #stormTwice(world) {
    const allMs = this.#options.seconds * 1_000;
    const warmUpMs = Math.min(longestWarmUpMs, allMs * warmUpShare);
    const watch = setInterval(() => this.#checker.judgeOpen(neverMs), watchEveryMs);
    const before = await this.#storm(world, warmUpMs);
    const after = await this.#storm(world, allMs - warmUpMs);
    clearInterval(watch);
    await this.#counters.finish((...args) => world.server.cli(...args));
    this.#judgeGrowth(before, after);
    return { before, after };
  }

  /**
   * Loads the caches while faults come and go. Resolves, once all has come to rest, with what the
   * process then holds.
   *
   * @param {World} world
   * @param {number} ms
   * @returns {Promise<Vitals>}
   */
  async #storm(world, ms) {
    const { load, server, subjects, victims } = world;
    const endsAtMs = performance.now() + ms - lastStretchMs;
    load.start(this.#options.calls, this.#random);
    this.#checker.healed();
    while (performance.now() < endsAtMs && !this.#isEarly) await this.#step(world);
    if (this.#isEarly) await playFault(victims, { kind: "kill", ms: 0, numbers: {} }); // Ctrl-C reaches the server, too
    await heal(victims);
    await wait(lastStretchMs);
    this.#checker.disturbed(subjects);
    const isOver = await settlesWithin(load.stop(), restWithinMs);
    if (!isOver)
      this.#checker.findings.add("the load did not end", `${this.#checker.pending} calls open`);
    await this.#rest(world);
    return takeVitals(server);
  }

  /** @param {World} world */
  async #step({ server, subjects, victims }) {
    const { healthyMs, faults } = this.#schedule.next();
    await this.#sleep(healthyMs);
    this.#checker.disturbed(subjects);
    try {
      for (const fault of faults) {
        this.#faults.set(fault.kind, (this.#faults.get(fault.kind) ?? 0) + 1);
        if (fault.kind === "garbage") this.#checker.garbage(true);
        await playFault(victims, fault);
      }
      await heal(victims);
      this.#checker.healed();
      await this.#counters.turn((...args) => server.cli(...args));
    } catch (error) {
      if (!this.#isEarly)
        this.#checker.findings.add("a fault could not be made, or ended", String(error));
    }
  }

  /**
   * Waits until nothing is under way, and every cache has its one connection.
   *
   * @param {World} world
   */
  async #rest({ server, subjects }) {
    const isAtRest = async () => {
      const pings = await Promise.all(subjects.map(({ cache }) => cache.ping().catch(() => false)));
      const hasPending = subjects.some(({ cache }) => cache.stats().pending > 0);
      return (
        pings.every(Boolean) && !hasPending && (await countClients(server)) === connectionCount
      );
    };
    if (await becomesTrue(isAtRest)) return;
    const states = subjects.map(({ name, cache }) => {
      const { pending, circuit } = cache.stats();
      return `${name}: ${pending} pending, circuit ${circuit}`;
    });
    const clients = `${await countClients(server)} connections for ${connectionCount}`;
    this.#checker.findings.add("the caches did not come to rest", [clients, ...states].join("; "));
  }

  /**
   * @param {Vitals} before
   * @param {Vitals} after
   */
  #judgeGrowth(before, after) {
    const { findings } = this.#checker;
    const heapMiB = after.heapMiB - before.heapMiB;
    const buffersMiB = after.buffersMiB - before.buffersMiB;
    if (heapMiB > heapGrowthMiB) findings.add("the heap grew", `by ${heapMiB.toFixed(1)} MiB`);
    if (buffersMiB > buffersGrowthMiB)
      findings.add("the buffers grew", `by ${buffersMiB.toFixed(1)} MiB`);
    for (const more of handlesMore(before.handles, after.handles))
      findings.add("handles grew", more);
  }

  /** @param {World} world */
  async #close({ server, proxy, subjects }) {
    const call = { operation: "close", commands: 2 };
    const closing = subjects.map((subject) => {
      return this.#checker.watch(subject, call, () => subject.cache.close());
    });
    if (!(await settlesWithin(Promise.all(closing), restWithinMs))) this.#checker.judgeOpen(0);
    for (const { name, cache } of subjects) {
      const error = await cache.get("item:1").catch((/** @type {unknown} */ reason) => reason);
      if (error instanceof ClosedError) continue;
      this.#checker.findings.add("a closed cache answered", `${name}: ${String(error)}`);
    }
    await proxy.stop();
    await server.stop();
  }

  /** @param {Readonly<Record<string, number>>} handlesAtFirst */
  async #judgeRemains(handlesAtFirst) {
    const checker = this.#checker;
    const remaining = () => handlesMore(handlesAtFirst, countHandles());
    await becomesTrue(() => remaining().length === 0);
    for (const more of remaining()) checker.findings.add("handles are left", more);
    if (checker.settled === checker.calls && checker.pending === 0) return;
    checker.findings.add(
      "a call never settled",
      `${checker.calls} made, ${checker.settled} settled`,
    );
  }

  get #isEarly() {
    return this.#early.signal.aborted;
  }

  /** @param {number} ms */
  async #sleep(ms) {
    const { signal } = this.#early;
    await wait(ms, undefined, { signal }).catch(() => undefined); // ended early
  }
}

/**
 * What a run opens.
 *
 * @typedef {{
 *   server: import("cachewell/testing").RedisServer,
 *   proxy: import("cachewell/testing").FaultProxy,
 *   subjects: readonly import("./checker.mjs").Subject[],
 *   load: Load,
 *   victims: import("./faults.mjs").Victims,
 * }} World
 */

/**
 * @param {Promise<unknown>} work
 * @param {number} ms
 */
async function settlesWithin(work, ms) {
  const late = new AbortController();
  const isLate = wait(ms, false, { signal: late.signal }).catch(() => false);
  const isOver = await Promise.race([work.then(() => true), isLate]);
  late.abort();
  return isOver;
}

/** Resolves with whether the condition becomes true in time. @param {() => boolean | Promise<boolean>} condition */
async function becomesTrue(condition) {
  const giveUpAtMs = performance.now() + restWithinMs;
  while (performance.now() < giveUpAtMs) {
    if (await condition()) return true;
    await wait(20);
  }
  return false;
}
