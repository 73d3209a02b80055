import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** What the reader is told from outside. */
export interface Configuration {
  readonly port: number;
  /** Where the cache is, as `createCache` takes it. May hold a password: never print it. */
  readonly location: string;
  /** The folder whose README.md, docs/ and so on are read. */
  readonly documentsRoot: string;
}

/** The folder of package.json, as seen from `build/examples/docs-reader`. */
const projectRoot = dirname(fileURLToPath(import.meta.resolve("cachewell/package.json")));
const usualPort = 3000;

/** The folder with the style sheet and the icon, which the compiler leaves where they are. */
export const assetsFolder = `${projectRoot}/examples/docs-reader/assets`;

/** Reads PORT, REDIS_URL and DOCS_ROOT. @throws RangeError for a port that is none */
export function readConfiguration(environment: NodeJS.ProcessEnv): Configuration {
  return {
    port: readPort(environment["PORT"]),
    location: environment["REDIS_URL"] || "memory:",
    documentsRoot: environment["DOCS_ROOT"] || projectRoot,
  };
}

function readPort(text: string | undefined): number {
  if (!text) return usualPort;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new RangeError(`PORT must be a number from 0 to 65535, not ${JSON.stringify(text)}.`);
}
