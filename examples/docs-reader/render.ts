import createMarkdown, { type Token } from "markdown-it";
import { HeadingIds } from "./heading-ids.ts";
import { toReaderLink } from "./links.ts";

/** A heading that the page's table of contents lists. */
export interface Heading {
  readonly id: string;
  readonly text: string;
  readonly level: number;
}

/** A document as HTML. */
export interface RenderedDocument {
  readonly html: string;
  /** The headings of the second and third level. */
  readonly headings: readonly Heading[];
}

/** Without `html`, tags in a document are shown as text: no document can inject any. */
const markdown = createMarkdown({ html: false });

// A wide table scrolls by itself, and the keyboard must be able to scroll it.
markdown.renderer.rules["table_open"] = () => '<div class="table" tabindex="0"><table>\n';
markdown.renderer.rules["table_close"] = () => "</table></div>\n";
markdown.renderer.rules["fence"] = renderCode;
markdown.renderer.rules["code_block"] = renderCode;

/** Turns a document into HTML: the slow job whose results are cached. Depends on nothing else. */
export function renderMarkdown(source: string, path: string): RenderedDocument {
  const tokens = markdown.parse(source, {});
  const headings = nameHeadings(tokens);
  for (const token of tokens) rewriteLinks(token.children ?? [], path);
  const html = markdown.renderer.render(tokens, markdown.options);
  return { html, headings: headings.filter(({ level }) => level === 2 || level === 3) };
}

/** Returns the text of the first heading. */
export function findTitle(source: string): string | undefined {
  const tokens = markdown.parse(source, {});
  const opening = tokens.findIndex(({ type }) => type === "heading_open");
  return opening === -1 ? undefined : textOf(tokens[opening + 1]);
}

/** Gives every heading an id. Returns them all. */
function nameHeadings(tokens: readonly Token[]): Heading[] {
  const ids = new HeadingIds();
  return tokens.flatMap((token, at) => {
    if (token.type !== "heading_open") return [];
    const text = textOf(tokens[at + 1]);
    const id = ids.next(text);
    token.attrSet("id", id);
    return [{ id, text, level: Number(token.tag.slice(1)) }];
  });
}

function textOf(inline: Token | undefined): string {
  const children = inline?.children ?? [];
  return children.map(({ type, content }) => (type === "softbreak" ? " " : content)).join("");
}

/** A link that leads nowhere in the reader, and an image, which it does not fetch, become text. */
function rewriteLinks(tokens: readonly Token[], path: string): void {
  let isDead = false;
  for (const token of tokens) {
    if (token.type === "link_open") isDead = !rewriteLink(token, path);
    if (token.type.startsWith("link_") && isDead) token.tag = "span";
    if (token.type === "image") token.type = "text";
  }
}

/** Returns whether the link still is one. */
function rewriteLink(link: Token, path: string): boolean {
  const href = toReaderLink(`${link.attrGet("href") ?? ""}`, path);
  if (href !== undefined) link.attrSet("href", href);
  else link.attrs = [["class", "elsewhere"]];
  return href !== undefined;
}

function renderCode(tokens: Token[], at: number): string {
  const code = markdown.utils.escapeHtml(tokens[at]?.content ?? "");
  return `<pre tabindex="0"><code>${code}</code></pre>\n`;
}
