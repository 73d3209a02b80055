import type { IncomingMessage } from "node:http";
import type { Cache, CacheStats } from "cachewell";
import { readForm } from "../form.ts";
import { formatCount, formatMany, formatTtl } from "../format.ts";
import { type Html, html } from "../html.ts";
import type { Reader } from "../reader.ts";
import { Refusal } from "../refusal.ts";
import { type Reply, seeOther } from "../reply.ts";
import { isSameOrigin } from "../same-origin.ts";
import { gatherFrame } from "./frame.ts";
import { layOut } from "./layout.ts";

/** The keys that match a pattern. */
interface Matches {
  readonly pattern: string;
  readonly count: number;
  /** The first of them, by name. */
  readonly shown: readonly CachedKey[];
}

interface CachedKey {
  readonly key: string;
  readonly ttl: number | null;
}

const mostShown = 200;

/** The page that shows what is in the cache. @throws Refusal for a pattern that cannot be */
export async function showCache(reader: Reader, query: URLSearchParams): Promise<Reply> {
  const pattern = query.get("pattern") ?? "*";
  const [matches, frame] = await Promise.all([
    findKeys(reader.cache, pattern),
    gatherFrame(reader),
  ]);
  const main = html`<h1>Cache</h1>
${deletedNotice(query.get("deleted"))}
<p>The cache of this reader is <strong>${frame.place}</strong>. Since the reader was started:</p>
${statistics(reader.cache.stats())}
<h2>Keys</h2>
${patternForm(pattern)}
${keyTable(matches)}`;
  const page = { title: "Cache", current: "cache", main };
  return { status: 200, body: layOut(page, frame) };
}

/** Deletes by pattern, for forms of our own pages. @throws Refusal for others, and bad patterns */
export async function deleteKeys({ cache }: Reader, request: IncomingMessage): Promise<Reply> {
  if (!isSameOrigin(request.headers)) {
    throw new Refusal(403, "Only this reader's own page may delete keys.");
  }
  const form = await readForm(request);
  const pattern = form.get("pattern") ?? "";
  const deleted = await refusingBadPatterns(() => cache.deletePattern(pattern));
  const query = new URLSearchParams({ pattern, deleted: deleted.toString() });
  return seeOther(`/cache?${query.toString()}`);
}

async function findKeys(cache: Cache, pattern: string): Promise<Matches> {
  const keys = await refusingBadPatterns(() => cache.keys(pattern));
  const first = keys.toSorted().slice(0, mostShown);
  const ttls = await Promise.all(first.map((key) => cache.ttl(key)));
  const shown = first.map((key, at) => ({ key, ttl: ttls[at] ?? null }));
  return { pattern, count: keys.length, shown };
}

/** The cache says of a pattern what is wrong with it: the visitor is told. */
async function refusingBadPatterns<T>(task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (error instanceof TypeError) throw new Refusal(400, error.message);
    throw error;
  }
}

function deletedNotice(deleted: string | null): Html | undefined {
  if (!/^\d{1,9}$/.test(deleted ?? "")) return undefined;
  return html`<p class="notice" role="status">${formatMany(Number(deleted), "key")} deleted.</p>`;
}

function statistics(stats: CacheStats): Html {
  const figures = {
    Hits: formatCount(stats.hits),
    Misses: formatCount(stats.misses),
    "Hit rate": `${Math.round(stats.hitRate * 100)} %`,
    Writes: formatCount(stats.writes),
    Deletes: formatCount(stats.deletes),
    Loads: formatCount(stats.loads),
    Errors: formatCount(stats.errors),
  };
  const cells = Object.entries(figures).map(
    ([name, figure]) => html`<div><dt>${name}</dt><dd>${figure}</dd></div>`,
  );
  return html`<dl class="figures">${cells}</dl>`;
}

function patternForm(pattern: string): Html {
  return html`<form class="pattern" action="/cache" method="get">
<label for="pattern">Pattern</label>
<input id="pattern" name="pattern" value="${pattern}" required spellcheck="false" autocapitalize="off" autocomplete="off" aria-describedby="pattern-help">
<button>List keys</button>
<p id="pattern-help">As in <code>page:*</code>, <code>views:docs/*</code> or <code>title:?EADME*</code>.</p>
</form>`;
}

function keyTable({ pattern, count, shown }: Matches): Html {
  if (count === 0) return html`<p class="empty">No key matches <code>${pattern}</code>.</p>`;
  const more = count > shown.length ? html` The first ${shown.length} are shown.` : undefined;
  const rows = shown.map(
    ({ key, ttl }) => html`<tr><td><code>${key}</code></td><td>${formatTtl(ttl)}</td></tr>`,
  );
  return html`<form class="delete" action="/cache/delete" method="post">
<input type="hidden" name="pattern" value="${pattern}">
<p>${formatMany(count, "key")} ${count === 1 ? "matches" : "match"} <code>${pattern}</code>.${more}</p>
<button class="danger">Delete ${count === 1 ? "it" : `all ${formatCount(count)}`}</button>
</form>
<div class="table" tabindex="0"><table class="keys">
<thead><tr><th scope="col">Key</th><th scope="col">Lives for</th></tr></thead>
<tbody>${rows}</tbody>
</table></div>`;
}
