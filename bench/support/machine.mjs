import { cpus, totalmem } from "node:os";

/** Returns one line on what a run was made on. */
export function machine(redisVersion) {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${cpu?.model.trim() ?? "unknown CPU"}, ${memory} GiB, Node ${process.versions.node}, Redis ${redisVersion}, loopback, server and client on the same machine`;
}
