/** One contender, in a process of its own. */
import { deepEqual } from "node:assert/strict";
import { openContender } from "../contenders/index.mjs";
import { serve } from "../faults/serve.mjs";
import { takeTurn, takeTurnOfHits } from "../support/turn.mjs";
import { sessionOf, usualKeyCount } from "../support/values.mjs";

const batchSize = 100;
/** Sessions to write: made once, so that a turn measures nothing of their making. */
const sessions = Array.from({ length: 1_000 }, (_none, index) => sessionOf(index));
let peer;
let place = { keyPrefix: "", keyCount: 0 };
let keys = [];
let batches = [];

serve({ open, fill, touch, takeTurn: turn });

const operations = {
  get: (at) => peer.get(keys[at % keys.length]),
  hit: (at) => peer.get(keys[at % keys.length]),
  set: (at) => peer.set(keys[at % keys.length], sessions[at % sessions.length]),
  incr: (at) => peer.incr(`count:${at % keys.length}`),
  "getMany(100)": (at) => peer.getMany(batches[at % batches.length].keys),
  "setMany(100)": (at) => peer.setMany(batches[at % batches.length].entries),
  "get at random": () => peer.get(randomKey()),
  "getMany(100) at random": () => peer.getMany(Array.from({ length: batchSize }, randomKey)),
};

/** Connects, and says which keys there are: beyond the usual, for what asks at random alone. */
async function open({ contender, url, keyPrefix, keyCount }) {
  peer = await openContender(contender, url);
  place = { keyPrefix, keyCount };
  keys = Array.from({ length: Math.min(keyCount, usualKeyCount) }, (_none, index) => keyAt(index));
  batches = sessions.map((_none, at) => batchFrom(at));
}

function batchFrom(start) {
  const own = sessions
    .slice(0, batchSize)
    .map((_none, step) => keys[(start * 17 + step * 7) % keys.length]);
  return { keys: own, entries: own.map((key, step) => [key, sessions[step]]) };
}

function randomKey() {
  return keyAt(Math.floor(Math.random() * place.keyCount));
}

function keyAt(index) {
  return `${place.keyPrefix}session:${index}`;
}

/** Writes every key, and makes sure that what is read is what was written. */
async function fill() {
  for (let start = 0; start < keys.length; start += batchSize) {
    const some = keys.slice(start, start + batchSize);
    await Promise.all(some.map((key, step) => peer.set(key, sessionOf(start + step))));
  }
  deepEqual(await peer.get(keys.at(-1)), sessionOf(keys.length - 1));
}

/** Reads every key once, so that what keeps answers in this process has them. */
async function touch() {
  for (const key of keys) await peer.get(key);
}

function turn({ operation, concurrency, ms }) {
  const run = operations[operation];
  return operation === "hit" ? takeTurnOfHits(run, { ms }) : takeTurn(run, { concurrency, ms });
}
