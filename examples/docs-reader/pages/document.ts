import type { Entry } from "../contents.ts";
import { formatMany, formatTook } from "../format.ts";
import { Html, html } from "../html.ts";
import type { Document } from "../library.ts";
import { addressOf } from "../links.ts";
import type { Reader } from "../reader.ts";
import type { Heading } from "../render.ts";
import type { Rendering } from "../renderings.ts";
import type { Reply } from "../reply.ts";
import type { Visitor } from "../visitor.ts";
import { readVisitorCookie, writeVisitorCookie } from "../visitor-cookie.ts";
import { gatherFrame } from "./frame.ts";
import { type Frame, layOut } from "./layout.ts";

/** Which document to show, and to whom. */
export interface Reading {
  readonly document: Document;
  /** The header `Cookie`. */
  readonly cookies: string | undefined;
}

/** What the cache gave for one reading. */
interface Findings {
  readonly rendering: Rendering;
  readonly views: number | bigint;
  readonly visitor: Visitor;
  readonly frame: Frame;
}

/** The page of a document: its text first, so that nothing else is in the time shown for it. */
export async function showDocument(reader: Reader, reading: Reading): Promise<Reply> {
  const cookie = readVisitorCookie(reading.cookies);
  const { path } = reading.document;
  const rendering = await reader.renderings.get(reading.document);
  const [views, visitor, frame] = await Promise.all([
    reader.views.count(path),
    reader.visitors.welcome(cookie, path),
    gatherFrame(reader),
  ]);
  const headers = {
    ...headersOf(rendering),
    ...(cookie.isNew && { "Set-Cookie": writeVisitorCookie(cookie) }),
  };
  return { status: 200, headers, body: write(path, { rendering, views, visitor, frame }) };
}

function write(path: string, findings: Findings): string {
  const { frame, rendering } = findings;
  const { html: text, headings } = rendering.rendered;
  const page = {
    title: frame.entries.find(({ document }) => document.path === path)?.title ?? path,
    current: path,
    main: html`${ticket(findings)}${greeting(findings)}<article>${new Html(text)}</article>`,
    aside: tableOfContents(headings),
    lastRead: lastRead(findings),
  };
  return layOut(page, frame);
}

/** Says the same as the page does, for curl and the browser's own tools. */
function headersOf({ isHit, tookMs }: Rendering): Readonly<Record<string, string>> {
  const outcome = isHit ? "hit" : "miss";
  return {
    "X-Cache": outcome,
    "Server-Timing": `document;desc="cache ${outcome}";dur=${tookMs.toFixed(3)}`,
  };
}

/** The line above the text: where it came from, and how long that took. */
function ticket({ rendering, views, frame }: Findings): Html {
  const { isHit, tookMs, renderingTookMs } = rendering;
  const outcome = isHit ? "hit" : "miss";
  const story = isHit
    ? html`read from ${frame.place} in <b>${formatTook(tookMs)}</b> · rendering it took ${formatTook(renderingTookMs)}`
    : html`rendered in <b>${formatTook(renderingTookMs)}</b> · ${formatTook(tookMs)} in all`;
  const counted = frame.isReachable ? html` · ${formatMany(views, "view")}` : undefined;
  return html`<p class="ticket"><strong class="badge ${outcome}">cache ${outcome}</strong> <span>${story}${counted}</span></p>`;
}

function tableOfContents(headings: readonly Heading[]): Html | undefined {
  if (headings.length < 2) return undefined;
  const items = headings.map(
    ({ id, text, level }) =>
      html`<li class="level-${level}"><a href="#${encodeURIComponent(id)}">${text}</a></li>`,
  );
  return html`<nav aria-label="On this page"><h2>On this page</h2><ul>${items}</ul></nav>`;
}

function greeting({ visitor, frame }: Findings): Html | undefined {
  if (!frame.isReachable) return undefined;
  const before = formatMany(visitor.pagesRead, "page");
  return visitor.pagesRead === 0
    ? html`<p class="greeting">Welcome! This is the first page you read here.</p>`
    : html`<p class="greeting">Welcome back! You have read ${before} before this one.</p>`;
}

function lastRead({ visitor, frame }: Findings): Html | undefined {
  const links = visitor.lastRead.map((path) => lastReadLink(path, frame.entries));
  if (links.length === 0) return undefined;
  return html`<nav aria-label="You read last"><h2>You read last</h2><ul>${links}</ul></nav>`;
}

/** A document that was removed since is left out. */
function lastReadLink(path: string, entries: readonly Entry[]): Html | undefined {
  const entry = entries.find(({ document }) => document.path === path);
  return entry && html`<li><a href="${addressOf(path)}">${entry.title}</a></li>`;
}
