import type { Entry } from "../contents.ts";
import { type Html, html } from "../html.ts";
import { addressOf } from "../links.ts";

/** What is the same on all pages. */
export interface Frame {
  readonly entries: readonly Entry[];
  /** Where the cache is. */
  readonly place: string;
  /** Whether it answers. */
  readonly isReachable: boolean;
}

/** One page. */
export interface Page {
  readonly title: string;
  readonly main: Html;
  /** The path of the document that is shown, or `"cache"`. */
  readonly current?: string;
  /** What stands beside the text. */
  readonly aside?: Html | undefined;
  /** What stands below the list of documents. */
  readonly lastRead?: Html | undefined;
}

/** Returns the whole HTML of a page. */
export function layOut(page: Page, frame: Frame): string {
  const { title, main, aside, lastRead } = page;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · cachewell docs</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<a class="skip" href="#main">Skip to the text</a>
${topBar(page, frame)}
${banner(frame)}
<div class="columns">
<main id="main">${main}</main>
<div class="beside">${aside}</div>
<div class="side" id="documents">${documentList(page, frame)}${lastRead}</div>
</div>
</body>
</html>
`.text;
}

function topBar({ current }: Page, { place }: Frame): Html {
  return html`<header class="top">
<a class="brand" href="/"><img src="/icon.svg" alt="" width="24" height="24">cachewell <span>docs</span></a>
<nav aria-label="Reader">
<a class="narrow-only" href="#documents">All documents</a>
<a href="/cache"${currentMark(current === "cache")}>Cache<span class="place">: ${place}</span></a>
</nav>
</header>`;
}

function banner({ isReachable, place }: Frame): Html | undefined {
  if (isReachable) return undefined;
  return html`<p class="banner" role="status"><strong>The cache is unreachable.</strong>
${place} does not answer: every page is rendered anew, and nothing is counted or remembered until it is back.</p>`;
}

function documentList({ current }: Page, { entries }: Frame): Html {
  const folders = new Set(entries.map(({ document }) => folderOf(document.path)));
  const lists = Array.from(folders, (folder) => {
    const inFolder = entries.filter(({ document }) => folderOf(document.path) === folder);
    const links = inFolder.map((entry) => documentLink(entry, current));
    return html`<h2>${folder}</h2><ul>${links}</ul>`;
  });
  return html`<nav aria-label="Documents">${lists}</nav>`;
}

function documentLink({ document, title }: Entry, current: string | undefined): Html {
  const mark = currentMark(document.path === current);
  return html`<li><a href="${addressOf(document.path)}"${mark}>${title}</a></li>`;
}

function currentMark(isCurrent: boolean): Html | undefined {
  return isCurrent ? html` aria-current="page"` : undefined;
}

/** Returns the heading that a document is listed under. */
function folderOf(path: string): string {
  const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
  return folder || "project";
}
