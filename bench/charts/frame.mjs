/** The colours are of the page: a chart in a document that is dark is dark too. */
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

/** Returns a title, which tells of a short run that it was one. */
export function titleOf(title, { isQuick }) {
  return isQuick ? `${title} – a try, not for the record` : title;
}

/** Returns a picture of this size with a title over its `shapes`. It has no background of its own. */
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

/** Returns a text, which ends at `x` with `anchor: "end"`, and has its middle there with `"middle"`. */
export function textAt({ x, y, text, className = "", anchor = "start" }) {
  return `<text x="${round(x)}" y="${round(y)}" class="${className}" text-anchor="${anchor}">${escaped(text)}</text>`;
}

/** Returns a coordinate as it is written. */
export function round(value) {
  return Math.round(value * 10) / 10;
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
