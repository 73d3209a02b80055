import { frame, round, textAt } from "./frame.mjs";

const width = 720;
const labelWidth = 180;
const rowHeight = 28;
const top = 40;

/** @typedef {{ label: string, value: number, isOurs: boolean }} Bar */

/**
 * Returns a chart with a bar per contender and its figure behind the bar.
 *
 * @param {{ title: string, unit: string, bars: readonly Bar[] }} chart
 */
export function barChart({ title, unit, bars }) {
  const room = width - labelWidth - 100;
  const most = Math.max(...bars.map(({ value }) => value));
  const shapes = bars.flatMap(({ label, value, isOurs }, index) => {
    const y = top + index * rowHeight;
    const length = Math.max(1, (room * value) / most);
    return [
      textAt({ x: labelWidth - 8, y: y + 15, text: label, anchor: "end" }),
      `<rect x="${labelWidth}" y="${y}" width="${round(length)}" height="20" rx="2" class="${isOurs ? "ours" : "peer"}"/>`,
      textAt({
        x: labelWidth + length + 8,
        y: y + 15,
        text: `${value.toFixed(1)} ${unit}`,
        className: "faint",
      }),
    ];
  });
  return frame({ width, height: top + bars.length * rowHeight + 4, title, shapes });
}
