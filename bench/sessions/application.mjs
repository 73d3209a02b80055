/** The application under load, in a process of its own: one Express application, with the sessions of a contender. */
import { once } from "node:events";
import express from "express";
import { serve } from "../support/serve.mjs";
import { contenders } from "./contenders.mjs";
import { sessionFields } from "./session-fields.mjs";

/** @import { SessionContender, SessionPeer } from "./contenders.mjs" */

export const commands = {
  /**
   * Returns the port that the application listens on.
   *
   * @param {{ contender: SessionContender, location: string }} choice
   */
  async start({ contender, location }) {
    const sessions = await contenders[contender](location);
    const server = applicationWith(sessions).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (typeof address !== "object" || !address) throw new Error("The application has no port.");
    return address.port;
  },

  /** Returns the CPU time that this process has used. */
  cpuMicros() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
};

serve(commands);

/** @param {SessionPeer} sessions */
function applicationWith({ middleware, read, write }) {
  const application = express();
  application.use(middleware);
  application.get("/enter/:user", (request, response) => {
    const fields = sessionFields(Number(request.params.user));
    for (const [field, value] of Object.entries(fields)) write(request, field, value);
    response.json({ user: read(request, "userId") });
  });
  application.get("/untouched", (request, response) => {
    response.json({ user: read(request, "userId") });
  });
  application.get("/written", (request, response) => {
    write(request, "visits", Number(read(request, "visits")) + 1);
    response.json({ user: read(request, "userId") });
  });
  application.get("/visits", (request, response) => {
    response.json({ user: read(request, "userId"), visits: read(request, "visits") });
  });
  return application;
}
