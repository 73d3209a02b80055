/** One contender, in a process of its own. */
import { deepEqual } from "node:assert/strict";
import { openContender } from "../contenders/index.mjs";
import { requireAt, requireEntry, requireLast } from "../support/require.mjs";
import { serve } from "../support/serve.mjs";
import { takeTurn, takeTurnOfHits } from "../support/turn.mjs";
import { sessionOf, usualKeyCount } from "../support/values.mjs";

/** @import { ContenderPlace, Peer } from "../contenders/index.mjs" */
/** @import { Operation } from "../support/measure.mjs" */

/** @typedef {{ keyPrefix: string, keyCount: number }} Keys how many there are, and what they start with */
/** @typedef {{ operation: string, concurrency: number, ms: number }} Turn */

const batchSize = 100;
/** Sessions to write, made once: a turn does not measure their making. */
const sessions = Array.from({ length: 1_000 }, (_none, index) => sessionOf(index));
/** @type {Peer} */
let peer;
/** @type {Keys} */
let space = { keyPrefix: "", keyCount: 0 };
/** @type {string[]} */
let keys = [];
/** @type {ReturnType<typeof batchFrom>[]} */
let batches = [];

export const commands = {
  /**
   * Connects. Operations at random read all the keys, the others the usual number at most.
   *
   * @param {Keys & ContenderPlace & { contender: string }} player
   */
  async open({ contender, keyPrefix, keyCount, ...place }) {
    peer = await openContender(contender, place);
    space = { keyPrefix, keyCount };
    const length = Math.min(keyCount, usualKeyCount);
    keys = Array.from({ length }, (_none, index) => keyAt(index));
    batches = sessions.map((_none, at) => batchFrom(at));
  },

  /** Writes every key, and checks that a read returns what was written. */
  async fill() {
    for (let start = 0; start < keys.length; start += batchSize) {
      const some = keys.slice(start, start + batchSize);
      await Promise.all(some.map((key, step) => peer.set(key, sessionOf(start + step))));
    }
    deepEqual(await peer.get(requireLast(keys)), sessionOf(keys.length - 1));
  },

  /** Reads every key once: an in-process tier holds them then. */
  async touch() {
    for (const key of keys) await peer.get(key);
  },

  /** @param {Turn} turn */
  takeTurn({ operation, concurrency, ms }) {
    const run = requireEntry(operations, operation);
    return operation === "hit" ? takeTurnOfHits(run, { ms }) : takeTurn(run, { concurrency, ms });
  },
};

serve(commands);

/** @type {Readonly<Record<string, Operation>>} */
const operations = {
  get: (at) => peer.get(requireAt(keys, at)),
  hit: (at) => peer.get(requireAt(keys, at)),
  set: (at) => peer.set(requireAt(keys, at), requireAt(sessions, at)),
  incr: (at) => peer.incr?.(`count:${at % keys.length}`),
  "getMany(100)": (at) => peer.getMany?.(requireAt(batches, at).keys),
  "setMany(100)": (at) => peer.setMany?.(requireAt(batches, at).entries),
  "get at random": () => peer.get(randomKey()),
  "getMany(100) at random": () => peer.getMany?.(Array.from({ length: batchSize }, randomKey)),
};

/** @param {number} start */
function batchFrom(start) {
  const entries = sessions
    .slice(0, batchSize)
    .map(
      (session, step) => /** @type {const} */ ([requireAt(keys, start * 17 + step * 7), session]),
    );
  return { keys: entries.map(([key]) => key), entries };
}

function randomKey() {
  return keyAt(Math.floor(Math.random() * space.keyCount));
}

/** @param {number} index */
function keyAt(index) {
  return `${space.keyPrefix}session:${index}`;
}
