import { STATUS_CODES } from "node:http";
import { html } from "../html.ts";
import type { Reader } from "../reader.ts";
import type { Refusal } from "../refusal.ts";
import type { Reply } from "../reply.ts";
import { gatherFrame } from "./frame.ts";
import { layOut } from "./layout.ts";

/** The page that says why there is no other. */
export async function showProblem(reader: Reader, refusal: Refusal): Promise<Reply> {
  const { status, message, headers } = refusal;
  const title = STATUS_CODES[status] ?? "Problem";
  const main = html`<p class="status-code">${status}</p>
<h1>${title}</h1>
<p>${message}</p>
<p><a href="/">Back to the first document</a></p>`;
  return { status, headers, body: layOut({ title, main }, await gatherFrame(reader)) };
}
