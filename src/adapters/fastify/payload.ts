import type { FastifyReply } from "fastify";

/** What of Node's streams counts here; those of packages have it too. */
interface NodeStream {
  pipe(to: unknown): unknown;
  on(event: "error", listener: () => void): unknown;
  destroy?(): unknown;
}

/**
 * Keeps a stream that fails while the session is stored from ending the process: Fastify listens to it
 * only afterwards, and is told of the failure then.
 */
export function guardPayload(payload: unknown): void {
  if (isNodeStream(payload)) payload.on("error", () => undefined);
}

/** Returns the status that a payload brings, as a `Response` of fetch does. */
export function statusOfPayload(payload: unknown): number | undefined {
  return isResponse(payload) ? payload.status : undefined;
}

/**
 * Gives the reply the status and headers of a `Response`, and returns its body. Fastify does that too,
 * but after `onSend`, where they would replace what the session has to say. Of any other payload
 * `undefined`: it stays as it is.
 */
export function takeOver(reply: FastifyReply, payload: unknown): unknown {
  if (!isResponse(payload) || payload.bodyUsed) return undefined;
  reply.code(payload.status);
  for (const [name, value] of payload.headers) reply.header(name, value);
  return payload.body;
}

/** Frees a payload that will not be sent. */
export function discardPayload(payload: unknown): void {
  if (isNodeStream(payload)) payload.destroy?.();
  const stream = isResponse(payload) ? payload.body : payload;
  if (stream instanceof ReadableStream && !stream.locked) stream.cancel().catch(() => undefined); // it is not wanted, failed or not
}

function isNodeStream(payload: unknown): payload is NodeStream {
  return (
    typeof payload === "object" &&
    payload !== null &&
    "pipe" in payload &&
    typeof payload.pipe === "function"
  );
}

/** As Fastify tells it: a `Response` of a package is none of the global class. */
function isResponse(payload: unknown): payload is Response {
  return Object.prototype.toString.call(payload) === "[object Response]";
}
