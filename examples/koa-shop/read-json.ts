import { json } from "node:stream/consumers";
import type { Context } from "./routes.ts";

const mostBytes = 10_000;

/** Returns the fields of a request's body: none where it is no object. Fails with status 400 or 413. */
export async function readJson(ctx: Context): Promise<Readonly<Record<string, unknown>>> {
  const body = ctx.req.iterator({ destroyOnReturn: false }); // the answer still has to leave
  try {
    return Object(await json(bounded(body, ctx)));
  } catch (error) {
    if (error instanceof SyntaxError) ctx.throw(400, "The body is no JSON.");
    throw error;
  }
}

async function* bounded(body: AsyncIterable<Buffer>, ctx: Context): AsyncGenerator<Buffer> {
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > mostBytes) ctx.throw(413);
    yield chunk;
  }
}
