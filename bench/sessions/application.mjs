/**
 * The application under load, in a process of its own: one Express application, whichever contender
 * keeps its sessions.
 */
import { once } from "node:events";
import express from "express";
import { serve } from "../faults/serve.mjs";
import { contenders } from "./contenders.mjs";
import { sessionFields } from "./session-fields.mjs";

serve({ start, cpuMicros });

/** Returns the port that the application listens on. */
async function start({ contender, location }) {
  const sessions = await contenders[contender](location);
  const server = applicationWith(sessions).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server.address().port;
}

/** Returns the CPU time of this process up to now. */
function cpuMicros() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

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
    write(request, "visits", read(request, "visits") + 1);
    response.json({ user: read(request, "userId") });
  });
  application.get("/visits", (request, response) => {
    response.json({ user: read(request, "userId"), visits: read(request, "visits") });
  });
  return application;
}
