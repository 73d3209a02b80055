import type { FastifyReply } from "fastify";

/** The part of a Node stream that is used here; stream packages have it too. */
interface NodeStream {
  pipe(to: unknown): unknown;
  on(event: "error", listener: () => void): unknown;
  destroy?(): unknown;
}

/**
 * Listens for errors of a stream while the session is stored, or such an error would end the process:
 * Fastify listens only afterwards, and finds the failure then.
 */
export function guardPayload(payload: unknown): void {
  if (isNodeStream(payload)) payload.on("error", () => undefined);
}

/** Returns the status of a payload that has one: a `Response` of `fetch`. */
export function statusOfPayload(payload: unknown): number | undefined {
  return isResponse(payload) ? payload.status : undefined;
}

/**
 * Copies the status and headers of a `Response` to the reply, and returns its body. Returns `undefined`
 * for any other payload, which stays. Fastify copies them too, but after `onSend`, where they would
 * replace the session's headers.
 */
export function takeOver(reply: FastifyReply, payload: unknown): unknown {
  if (!isResponse(payload) || payload.bodyUsed) return undefined;
  reply.code(payload.status);
  for (const [name, value] of payload.headers) reply.header(name, value);
  return payload.body;
}

/** Frees the source of a payload that is not sent. */
export function discardPayload(payload: unknown): void {
  if (isNodeStream(payload)) payload.destroy?.();
  const stream = isResponse(payload) ? payload.body : payload;
  if (stream instanceof ReadableStream && !stream.locked) stream.cancel().catch(() => undefined); // nobody reads it any more
}

function isNodeStream(payload: unknown): payload is NodeStream {
  return (
    typeof payload === "object" &&
    payload !== null &&
    "pipe" in payload &&
    typeof payload.pipe === "function"
  );
}

/** Checks by name, as Fastify does: packages have `Response` classes of their own. */
function isResponse(payload: unknown): payload is Response {
  return Object.prototype.toString.call(payload) === "[object Response]";
}
