import { markPersonal, valuesOf } from "../http-session/personal-response.ts";
import type { SessionHeaders } from "../http-session/request-session.ts";

type Headers = Readonly<Record<string, string | readonly string[]>>;

/**
 * Adds the session's headers to Koa's own answer to an error, which keeps no headers but the error's own.
 * The error has them during that answer only, since one error may be thrown for many visitors, and not
 * enumerably, since loggers print enumerable properties and the cookie is a secret.
 */
export function keepThroughErrors(
  ctx: { readonly onerror: (error: Error) => void },
  headers: SessionHeaders,
): void {
  const answerError = ctx.onerror;
  const onerror = (error: Error): void => {
    if (!(error instanceof Error)) return answerError.call(ctx, error);
    const restore = addHeaders(error, headers);
    try {
      answerError.call(ctx, error);
    } finally {
      restore();
    }
  };
  Object.assign(ctx, { onerror });
}

/** Adds the session's headers to those of the error. Returns a function that restores them. */
function addHeaders(error: Error & { headers?: Headers }, headers: SessionHeaders): () => void {
  const before = Object.getOwnPropertyDescriptor(error, "headers");
  const value = withSession(error.headers, headers);
  const hidden = { configurable: true, enumerable: false, writable: true, value };
  const isAdded = Reflect.defineProperty(error, "headers", hidden);
  return () => {
    if (before) Reflect.defineProperty(error, "headers", before);
    else if (isAdded) Reflect.deleteProperty(error, "headers");
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
