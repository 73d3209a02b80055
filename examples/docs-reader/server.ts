import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Application } from "./application.ts";
import { type Reply, sendReply } from "./reply.ts";

const failed: Reply = {
  status: 500,
  headers: { "Content-Type": "text/plain; charset=utf-8" },
  body: "Something went wrong; the terminal that the reader runs in says what.\n",
};

/** Makes the HTTP server of an application. */
export function createReaderServer(application: Application): Server {
  return createServer((request, response) => void serve(application, request, response));
}

async function serve(
  application: Application,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    sendReply(response, await application.answer(request));
  } catch (error) {
    console.error(error);
    if (!response.headersSent) sendReply(response, failed);
  }
}
