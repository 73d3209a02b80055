import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Express, Request, Response } from "express";
import { sessionOf } from "../apps/express-app.ts";
import { type ExpressStage, type ExpressStageOptions, openExpress } from "./express-stage.ts";
import { file, page } from "./pages.ts";

/** Answers a request whose session was changed. */
export type Answer = (response: Response, request: Request) => unknown;

/** Opens an application that answers every request with a changed session. */
export function open(answer: Answer, options: ExpressStageOptions = {}): Promise<ExpressStage> {
  const addRoutes = (app: Express): void => {
    app.use(async (request, response) => {
      sessionOf(request).set("colour", "red");
      await answer(response, request);
    });
  };
  return openExpress(addRoutes, options);
}

export const ways: Readonly<Record<string, Answer>> = {
  end: (response) => response.end(page),
  "end with an encoding": (response) => response.end(Buffer.from(page).toString("hex"), "hex"),
  "write and end": (response) => {
    response.write(page.slice(0, 5));
    response.write(Buffer.from(page.slice(5)));
    response.end();
  },
  "writeHead and end": (response) => response.writeHead(200).end(page),
  "flushHeaders and end": (response) => {
    response.flushHeaders();
    response.end(page);
  },
  json: (response) => response.json(page),
  send: (response) => response.send(page),
  sendFile: (response) => response.sendFile(file),
  pipe: (response) => createReadStream(file).pipe(response),
  pipeline: (response) => pipeline(createReadStream(file), response),
};
