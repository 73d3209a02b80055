import type { Session, Sessions } from "../../../src/contracts/sessions.ts";
import { destroyElsewhere } from "./sessions.ts";

/** The headers of a response that a session's failure replaces. Each value occurs nowhere else. */
export const replacedHeaders: Readonly<Record<string, string>> = {
  "Accept-Ranges": "furlongs",
  Age: "86399",
  "Cache-Control": "public, max-age=86401",
  "CDN-Cache-Control": "max-age=86402",
  "Content-Digest": "sha-256=:Y29udGVudA==:",
  "Content-Disposition": 'attachment; filename="replaced.pdf"',
  "Content-Encoding": "identity",
  "Content-Language": "tlh",
  "Content-Length": "86403",
  "Content-Location": "/replaced",
  "Content-MD5": "cmVwbGFjZWQgYm9keQ==",
  "Content-Range": "bytes 0-86404/86405",
  "Content-Type": "application/pdf",
  Digest: "sha-256=ZGlnZXN0",
  ETag: '"replaced"',
  Expires: "Fri, 01 Jan 2100 00:00:00 GMT",
  "Last-Modified": "Sat, 01 Jan 2000 00:00:00 GMT",
  Location: "/replaced/elsewhere",
  Refresh: "0; url=/replaced/refreshed",
  "Repr-Digest": "sha-256=:cmVwcg==:",
  "Retry-After": "86406",
  "Surrogate-Control": "max-age=86407",
  Trailer: "X-Replaced",
  "Transfer-Encoding": "chunked, replaced",
  "Vercel-CDN-Cache-Control": "max-age=86408",
  "X-Accel-Expires": "86409",
  "X-Accel-Redirect": "/replaced/accelerated",
  "X-Sendfile": "/replaced/sent",
};

/** Headers of the same response that go with any other in its place. */
export const lastingHeaders: Readonly<Record<string, string>> = {
  "Access-Control-Allow-Origin": "https://shop.example",
  "Content-Security-Policy": "default-src 'self'",
  "Set-Cookie": "seen=1",
  "X-Request-Id": "7",
};

/** Leaves a request with changes that it cannot store: another request destroys the session meanwhile. */
export async function interrupt(session: Session, sessions: Sessions): Promise<void> {
  await destroyElsewhere(session.set("colour", "red"), sessions);
  session.set("colour", "blue");
}
