import { setTimeout as wait } from "node:timers/promises";
import { openSubject } from "./caches.mjs";
import { pickOperation } from "./operations.mjs";
import { Random } from "./random.mjs";
import { valueOf } from "./values.mjs";

/** How long a caller pauses between two calls at most: without a pause, calls that fail at once would block the event loop. */
const longestPauseMs = 80;

/** How often a caller opens a cache of its own, uses it and closes it again. */
const visitShare = 0.004;

/**
 * Concurrent callers, each of which makes one random call after the other.
 *
 * @typedef {Omit<import("./operations.mjs").Work, "subject" | "random">} Desk
 */
export class Load {
  #desk;
  #subjects;
  #location;
  #isOver = false;
  /** @type {Promise<void>[]} */
  #callers = [];
  #visits = 0;

  /**
   * @param {Desk} desk
   * @param {readonly import("./checker.mjs").Subject[]} subjects
   * @param {string} location of the caches that callers open themselves
   */
  constructor(desk, subjects, location) {
    this.#desk = desk;
    this.#subjects = subjects;
    this.#location = location;
  }

  /** How many caches callers have opened and closed. */
  get visits() {
    return this.#visits;
  }

  /**
   * @param {number} callers how many calls are under way at most
   * @param {Random} random
   */
  start(callers, random) {
    this.#isOver = false;
    this.#callers = Array.from({ length: callers }, () => {
      return this.#callOn(new Random(random.whole(0, 2 ** 31)));
    });
  }

  /** Makes no more calls. Resolves once those under way have ended; the checker reports calls that never end. */
  async stop() {
    this.#isOver = true;
    await Promise.all(this.#callers);
  }

  /** @param {Random} random */
  async #callOn(random) {
    while (!this.#isOver) {
      if (random.chance(visitShare)) await this.#visit(random);
      else
        await pickOperation(random)({
          ...this.#desk,
          random,
          subject: random.pick(this.#subjects),
        });
      await wait(random.whole(1, longestPauseMs));
    }
  }

  /**
   * Opens a cache whose options nobody else has, so that it has a connection of its own.
   *
   * @param {Random} random
   */
  async #visit(random) {
    this.#visits += 1;
    const { checker } = this.#desk;
    const connectTimeout = 0.3 + (this.#visits % 1_000) / 10_000;
    const options = { location: this.#location, commandTimeout: 0.3, connectTimeout };
    const visitor = openSubject("visitor", options);
    const key = `item:${random.whole(1, 50)}`;
    const value = valueOf("visitor", key, random);
    await checker.watch(visitor, one("first set"), () => visitor.cache.set(key, value));
    const read = checker.watch(visitor, one("get"), () => visitor.cache.get(key));
    if (random.chance(0.7)) checker.read(visitor, key, await read);
    // It may wait for calls under way, and for a connection that is opening.
    const close = { operation: "close", commands: 2, moreMs: visitor.connectTimeoutMs };
    await checker.watch(visitor, close, () => visitor.cache.close());
    checker.read(visitor, key, await read);
  }
}

/** @param {string} operation */
function one(operation) {
  return { operation, commands: 1 };
}
