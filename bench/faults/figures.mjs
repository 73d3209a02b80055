/** Units, each with how a number of it is written. */
const written = {
  ms: (value) => `${decimal(value)} ms`,
  MB: (value) => `${decimal(value)} MB`,
  count: (value) => whole(value),
  ratio: (value) => value.toFixed(2),
};

/** Returns a figure as a cell of the table. What never came to be seen is `Infinity`. */
export function cellOf({ unit }, value) {
  if (value === undefined) return "–";
  if (value === Infinity) return "not seen";
  return typeof value === "number" ? written[unit](value) : value;
}

/** Returns a goal as a cell. */
export function goalOf(figure) {
  return figure.atMost === undefined ? "" : `≤ ${cellOf(figure, figure.atMost)}`;
}

/** Returns whether a goal is met. Only a number meets one. */
export function verdictOf({ atMost }, value) {
  if (atMost === undefined) return "";
  return typeof value === "number" && value <= atMost ? "yes" : "**no**";
}

/** Returns a number with its thousands set apart. */
export function whole(value) {
  return Math.round(value).toLocaleString("en-US");
}

function decimal(value) {
  if (Math.abs(value) < 1) return value.toFixed(2);
  return Math.abs(value) < 10 ? value.toFixed(1) : whole(value);
}
