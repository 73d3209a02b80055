import { usualKeyCount } from "../support/values.mjs";

/**
 * How long and how often contenders take turns.
 *
 * @typedef {{ generations: number, beats: number, turnMs: number, warmUpTurns: number }} BeatSettings
 */

const full = { generations: 3, beats: 10, turnMs: 200, warmUpTurns: 4 };
const quick = { generations: 1, beats: 5, turnMs: 150, warmUpTurns: 2 };

/**
 * Returns the settings for the record, or for a quick try.
 *
 * @param {{ isQuick: boolean }} options
 * @returns {BeatSettings}
 */
export function beatsOf({ isQuick }) {
  return isQuick ? quick : full;
}

/**
 * Describes the settings in words.
 *
 * @param {BeatSettings} settings
 */
export function describeBeats({ generations, beats, turnMs }) {
  return `${usualKeyCount.toLocaleString("en")} keys; ${generations} × ${beats} beats of ${turnMs} ms a turn`;
}
