import { usualKeyCount } from "../support/values.mjs";

const full = { generations: 3, beats: 10, turnMs: 200, warmUpTurns: 4 };
const quick = { generations: 1, beats: 5, turnMs: 150, warmUpTurns: 2 };

/** Returns how long and how often turns are: for the record, or for a quick try. */
export function beatsOf({ isQuick }) {
  return isQuick ? quick : full;
}

/** Says so in words. */
export function describeBeats({ generations, beats, turnMs }, keyCount = usualKeyCount) {
  return `${keyCount.toLocaleString("en")} keys; ${generations} × ${beats} beats of ${turnMs} ms a turn`;
}
