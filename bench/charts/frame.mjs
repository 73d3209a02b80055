/** The colours follow the page: in a dark document the chart is dark too. */
const style = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 15px; }
  .faint { fill: #59636e; }
  .grid { stroke: #d1d9e0; }
  .ours { fill: #0969da; stroke: #0969da; }
  .peer { fill: #8c959f; stroke: #8c959f; }
  .line { fill: none; stroke-width: 2; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .faint { fill: #9198a1; }
    .grid { stroke: #3d444d; }
    .ours { fill: #4493f8; stroke: #4493f8; }
    .peer { fill: #6e7681; stroke: #6e7681; }
  }`;

/**
 * A text at a point; `anchor` says which part of it stands at `x`.
 *
 * @typedef {{
 *   x: number,
 *   y: number,
 *   text: string,
 *   className?: string,
 *   anchor?: "start" | "middle" | "end",
 * }} Label
 */

/**
 * Returns a title; that of a short run says so.
 *
 * @param {string} title
 * @param {{ isQuick: boolean }} options
 */
export function titleOf(title, { isQuick }) {
  return isQuick ? `${title} – a try, not for the record` : title;
}

/**
 * Returns a picture of this size with a title over its `shapes`. It has no background of its own.
 *
 * @param {{ width: number, height: number, title: string, shapes: readonly string[] }} picture
 */
export function frame({ width, height, title, shapes }) {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${style}\n</style>`,
    textAt({ x: 8, y: 22, text: title, className: "title" }),
    ...shapes,
    "</svg>\n",
  ].join("\n");
}

/**
 * Returns a text at a point.
 *
 * @param {Label} label
 */
export function textAt({ x, y, text, className = "", anchor = "start" }) {
  return `<text x="${round(x)}" y="${round(y)}" class="${className}" text-anchor="${anchor}">${escaped(text)}</text>`;
}

/**
 * Returns a coordinate with one digit behind the point.
 *
 * @param {number} value
 */
export function round(value) {
  return Math.round(value * 10) / 10;
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
