import type { ServerResponse } from "node:http";

/** What the reader answers to one request. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Scripts are forbidden altogether, the reader has none; styles and images come from here alone. */
const contentPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const commonHeaders = {
  "Content-Type": "text/html; charset=utf-8",
  "Content-Security-Policy": contentPolicy,
  "X-Content-Type-Options": "nosniff",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  // Not "no-referrer": forms of our own pages would then come without their origin.
  "Referrer-Policy": "same-origin",
  "Cache-Control": "private, no-cache",
  Vary: "Cookie",
};

/** Returns a reply that sends the browser on, to read what it has done. */
export function seeOther(address: string): Reply {
  return { status: 303, headers: { Location: address }, body: "" };
}

/** Sends a reply. Node leaves the body out where the request was a HEAD. */
export function sendReply(response: ServerResponse, { status, headers, body }: Reply): void {
  const length = Buffer.byteLength(body);
  response.writeHead(status, { ...commonHeaders, "Content-Length": length, ...headers });
  response.end(body);
}
