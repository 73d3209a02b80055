import { keyPrefix } from "./open-cache.ts";

/** What the terminal says once the reader listens. */
export interface Started {
  readonly address: string;
  readonly place: string;
  /** The port that was asked for and is taken. */
  readonly takenPort: number | undefined;
}

/** Returns the address and a few things to try, one per line. */
export function describeStart({ address, place, takenPort }: Started): string {
  const taken = takenPort === undefined ? [] : [`Port ${takenPort} is taken, so this is another.`];
  return [
    "",
    `cachewell docs: ${address}  (cache: ${place})`,
    ...taken,
    "",
    "Try:",
    "  - open a page twice, edit its file, open it again: miss, hit, miss",
    `  - curl -sI ${address}/README.md | grep -i x-cache`,
    `  - ${address}/cache to see the keys and delete some`,
    `  - ${redisHint(place)}`,
    "",
    "Ctrl-C stops it.",
  ].join("\n");
}

function redisHint(place: string): string {
  if (place === "memory") return "REDIS_URL=redis://127.0.0.1:6379 npm start, to cache in Redis";
  return `redis-cli ${redisArguments(place)} --scan --pattern '${keyPrefix}:*'`;
}

/** redis-cli takes a URL, except of a unix socket. */
function redisArguments(place: string): string {
  if (!place.startsWith("unix:")) return `-u ${place.replace(/^valkey/, "redis")}`;
  const [path, database = "0"] = place.slice("unix://".length).split("?db=");
  return `-s ${path} -n ${database}`;
}
