import { markPersonal, valuesOf } from "../http-session/personal-response.ts";
import type { SessionHeaders } from "../http-session/request-session.ts";

type Headers = Readonly<Record<string, string | readonly string[]>>;

/**
 * Makes the session's headers part of Koa's own answer to an error, which drops all but the headers
 * that the error itself has. They are lent to the error for that answer alone, since one error may be
 * thrown for many visitors, and out of sight of those who log it, since a cookie is a secret.
 */
export function keepThroughErrors(
  ctx: { readonly onerror: (error: Error) => void },
  headers: SessionHeaders,
): void {
  const answer = ctx.onerror;
  const onerror = (error: Error): void => {
    if (!(error instanceof Error)) return answer.call(ctx, error);
    const giveBack = lend(error, headers);
    try {
      answer.call(ctx, error);
    } finally {
      giveBack();
    }
  };
  Object.assign(ctx, { onerror });
}

/** Returns what undoes it. */
function lend(error: Error & { headers?: Headers }, headers: SessionHeaders): () => void {
  const before = Object.getOwnPropertyDescriptor(error, "headers");
  const value = withSession(error.headers, headers);
  const unseen = { configurable: true, enumerable: false, writable: true, value };
  const isLent = Reflect.defineProperty(error, "headers", unseen);
  return () => {
    if (before) Reflect.defineProperty(error, "headers", before);
    else if (isLent) Reflect.deleteProperty(error, "headers");
  };
}

function withSession(own: Headers | undefined, { setCookie }: SessionHeaders): Headers {
  const headers = new Map(
    Object.entries(own ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  markPersonal({
    get: (name) => headers.get(name.toLowerCase()),
    set: (name, value) => headers.set(name.toLowerCase(), value),
  });
  if (setCookie !== undefined) {
    headers.set("set-cookie", [...valuesOf(headers.get("set-cookie")), setCookie]);
  }
  return Object.fromEntries(headers);
}
