/**
 * A figure of a fault: a row of the table, with a goal or without.
 *
 * @typedef {object} FaultFigure
 * @property {string} key its name in what `measure` returns
 * @property {string} title its name in the table
 * @property {keyof typeof written} unit of its number
 * @property {number} [atMost] the goal
 */

/** @typedef {number | string | undefined} FigureValue a text where it stands for itself */

/** Units, each with how a number of it is written. */
const written = {
  ms: (/** @type {number} */ value) => `${decimal(value)} ms`,
  MB: (/** @type {number} */ value) => `${decimal(value)} MB`,
  count: (/** @type {number} */ value) => whole(value),
  ratio: (/** @type {number} */ value) => value.toFixed(2),
};

/**
 * Returns a figure as a cell of the table. `Infinity` stands for an event that did not happen.
 *
 * @param {Pick<FaultFigure, "unit">} figure
 * @param {FigureValue} value
 */
export function cellOf({ unit }, value) {
  if (value === undefined) return "–";
  if (value === Infinity) return "not seen";
  return typeof value === "number" ? written[unit](value) : value;
}

/**
 * Returns a goal as a cell.
 *
 * @param {FaultFigure} figure
 */
export function goalOf(figure) {
  return figure.atMost === undefined ? "" : `≤ ${cellOf(figure, figure.atMost)}`;
}

/**
 * Returns whether a figure meets its goal. Only a number can.
 *
 * @param {FaultFigure} figure
 * @param {FigureValue} value
 */
export function verdictOf({ atMost }, value) {
  if (atMost === undefined) return "";
  return typeof value === "number" && value <= atMost ? "yes" : "**no**";
}

/**
 * Returns a number with separators between its thousands.
 *
 * @param {number} value
 */
export function whole(value) {
  return Math.round(value).toLocaleString("en-US");
}

/** @param {number} value */
function decimal(value) {
  if (Math.abs(value) < 1) return value.toFixed(2);
  return Math.abs(value) < 10 ? value.toFixed(1) : whole(value);
}
