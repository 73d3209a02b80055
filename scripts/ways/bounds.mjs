/**
 * The ways that are counted, with their bounds. The command prints this table, and the test asserts it.
 *
 * @typedef {object} Size
 * @property {number} files how many files of ours
 * @property {number} functions how many functions of ours
 *
 * @typedef {object} Bound
 * @property {string} way its name in the table
 * @property {Size} before what this command counted at commit 3b9ea3a, before the rooms were rebuilt
 * @property {Partial<Size>} most what one call may pass; an absent field has no bound
 */

/** @type {readonly Bound[]} */
export const bounds = [
  { way: "memory get", before: { files: 14, functions: 34 }, most: {} },
  {
    way: "Redis get",
    before: { files: 24, functions: 83 },
    most: { files: 14, functions: 45 },
  },
  { way: "near hit", before: { files: 11, functions: 19 }, most: { files: 8 } },
  { way: "near miss", before: { files: 31, functions: 107 }, most: { files: 20 } },
  { way: "set", before: { files: 30, functions: 71 }, most: { files: 16 } },
  { way: "getMany(3)", before: { files: 23, functions: 78 }, most: {} },
  { way: "getOrSet hit", before: { files: 30, functions: 102 }, most: { files: 20 } },
  { way: "getOrSet miss", before: { files: 36, functions: 145 }, most: {} },
  { way: "incr", before: { files: 23, functions: 61 }, most: {} },
  { way: "session load", before: { files: 28, functions: 87 }, most: { files: 20 } },
];

/**
 * Lists the bounds that a way exceeds.
 *
 * @param {Size} size
 * @param {Bound} bound
 * @returns {string[]}
 */
export function findExcesses(size, { way, most }) {
  /** @type {readonly (keyof Size)[]} */
  const measures = ["files", "functions"];
  return measures
    .filter((measure) => size[measure] > (most[measure] ?? Number.POSITIVE_INFINITY))
    .map(
      (measure) => `${way} passes ${size[measure]} ${measure}; at most ${most[measure]} may be.`,
    );
}
