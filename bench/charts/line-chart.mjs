import { requireAt, requireLast } from "../support/require.mjs";
import { frame, round, textAt } from "./frame.mjs";

/** @import { Label } from "./frame.mjs" */

/** @typedef {readonly [position: number, value: number]} Point */
/** @typedef {{ label: string, isOurs: boolean, points: readonly Point[] }} Line */
/** @typedef {(value: number) => number} Scale from a figure to a coordinate */

const size = { width: 720, height: 320 };
const plot = { left: 52, right: 700, top: 60, bottom: 284 };

/**
 * Returns a chart of lines over whole numbers, both scales logarithmic, a legend on top.
 *
 * @param {{ title: string, lines: readonly Line[] }} chart all lines have the same positions
 */
export function lineChart({ title, lines }) {
  const values = lines.flatMap(({ points }) => points.map(([, value]) => value));
  const positions = requireAt(lines, 0).points.map(([position]) => position);
  const marks = marksAround(Math.min(...values), Math.max(...values));
  const x = scaleOf(positions, [plot.left + 20, plot.right - 20]);
  const y = scaleOf(marks, [plot.bottom, plot.top]);
  const shapes = [
    ...legend(lines),
    ...marks.flatMap((mark) => rule(mark, y(mark))),
    ...positions.map((at) =>
      label({ x: x(at), y: plot.bottom + 22, text: at.toLocaleString("en") }),
    ),
    ...lines.flatMap((line) => curve(line, { x, y })),
  ];
  return frame({ ...size, title, shapes });
}

/**
 * @param {readonly number[]} figures in ascending order
 * @param {readonly [from: number, to: number]} coordinates of the first and of the last figure
 * @returns {Scale}
 */
function scaleOf(figures, [from, to]) {
  const least = requireAt(figures, 0);
  const span = Math.log(requireLast(figures) / least);
  return (value) => round(from + ((to - from) * Math.log(value / least)) / span);
}

/**
 * Returns 1, 2, 5, 10, … from below the least value to above the most. They span a decade at least, so
 * that a small difference looks small.
 *
 * @param {number} least
 * @param {number} most
 */
function marksAround(least, most) {
  const steps = [-2, -1, 0, 1, 2, 3].flatMap((power) =>
    [1, 2, 5].map((digit) => digit * 10 ** power),
  );
  const last = steps.findIndex((step) => step >= most && step > least);
  const highest = requireAt(steps, last);
  const first = steps.findLastIndex((step) => step <= least && 10 * step <= highest);
  return steps.slice(first, last + 1);
}

/** @param {readonly Line[]} lines */
function legend(lines) {
  return lines.flatMap(({ label: text, isOurs }, index) => {
    const x = plot.left + index * 160;
    return [
      `<rect x="${x}" y="36" width="12" height="12" rx="2" class="${isOurs ? "ours" : "peer"}"/>`,
      textAt({ x: x + 18, y: 47, text }),
    ];
  });
}

/**
 * @param {number} mark
 * @param {number} y
 */
function rule(mark, y) {
  return [
    `<line x1="${plot.left}" x2="${plot.right}" y1="${y}" y2="${y}" class="grid"/>`,
    textAt({ x: plot.left - 8, y: y + 4, text: `${mark}`, className: "faint", anchor: "end" }),
  ];
}

/** @param {Pick<Label, "x" | "y" | "text">} place */
function label({ x, y, text }) {
  return textAt({ x, y, text, className: "faint", anchor: "middle" });
}

/**
 * @param {Line} line
 * @param {{ x: Scale, y: Scale }} scales
 */
function curve({ isOurs, points }, { x, y }) {
  const colour = isOurs ? "ours" : "peer";
  const corners = points.map(([position, value]) => `${x(position)},${y(value)}`).join(" ");
  return [
    `<polyline points="${corners}" class="line ${colour}" style="fill: none"/>`,
    ...points.map(
      ([position, value]) =>
        `<circle cx="${x(position)}" cy="${y(value)}" r="3.5" class="${colour}"/>`,
    ),
  ];
}
