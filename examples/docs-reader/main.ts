/** A reader of this project's documentation, to see cachewell at work: `npm start`. */
import { ConfigurationError } from "cachewell";
import { Application } from "./application.ts";
import { loadAssets } from "./assets.ts";
import { assetsFolder, readConfiguration } from "./config.ts";
import { describeStart } from "./hints.ts";
import { listen } from "./listen.ts";
import { openCache } from "./open-cache.ts";
import { createReader } from "./reader.ts";
import { createReaderServer } from "./server.ts";
import { stopOnSignals } from "./stop.ts";

async function start(): Promise<void> {
  const { port: wanted, location, documentsRoot } = readConfiguration(process.env);
  const opened = openCache(location);
  const application = new Application(
    createReader(documentsRoot, opened),
    await loadAssets(assetsFolder),
  );
  const server = createReaderServer(application);
  const port = await listen(server, wanted);
  stopOnSignals(server, opened.cache);
  const takenPort = wanted === 0 || wanted === port ? undefined : wanted;
  const address = `http://127.0.0.1:${port}`;
  console.log(describeStart({ address, place: opened.place, takenPort }));
}

/** What is wrong with the environment is said in one line; a stack would hide it. */
function report(error: unknown): void {
  const isSettings = error instanceof ConfigurationError || error instanceof RangeError;
  console.error(isSettings ? `docs-reader: ${error.message}` : error);
  process.exitCode = 1;
}

await start().catch(report);
