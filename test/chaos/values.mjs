/** Values that carry the name of their key: a value that reaches another caller gives itself away. */

/** The longest filling of a value, in characters. */
const largest = 300_000;

/**
 * The share of values up to a size: most are small, some large.
 *
 * @type {readonly (readonly [number, number])[]}
 */
const sizes = [
  [0.7, 200],
  [0.93, 4_000],
  [0.99, 40_000],
  [1, largest],
];

/**
 * Returns a value of a key.
 *
 * @param {string} cacheName
 * @param {string} key
 * @param {import("./random.mjs").Random} random
 */
export function valueOf(cacheName, key, random) {
  const share = random.unit();
  const [, most] = sizes.find(([upTo]) => share < upTo) ?? [1, largest];
  const size = random.whole(0, most);
  return { owner: `${cacheName}/${key}`, size, filling: "x".repeat(size) };
}

/**
 * Returns whether a value is one of this key, whole.
 *
 * @param {string} cacheName
 * @param {string} key
 * @param {unknown} value
 */
export function isValueOf(cacheName, key, value) {
  if (typeof value !== "object" || value === null) return false;
  if (!("owner" in value && "size" in value && "filling" in value)) return false;
  const { owner, size, filling } = value;
  if (owner !== `${cacheName}/${key}` || typeof filling !== "string") return false;
  return filling.length === size && !/[^x]/.test(filling);
}
