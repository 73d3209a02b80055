import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { Refusal } from "./refusal.ts";

const formType = "application/x-www-form-urlencoded";
const mostBytes = 4096;

/** Reads a form that was posted. @throws Refusal when it is none, or too large */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const { "content-type": type = "", "content-length": length } = request.headers;
  if (!type.startsWith(formType)) throw new Refusal(415, `This takes a form (${formType}).`);
  if (length === undefined) throw new Refusal(411, "A form must say how long it is.");
  if (Number(length) > mostBytes) throw new Refusal(413, `A form may have ${mostBytes} bytes.`);
  return new URLSearchParams(await text(request));
}
