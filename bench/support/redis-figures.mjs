/** Returns the CPU time of a server up to now. */
export async function redisMicros(server) {
  const answer = await server.cli("INFO", "cpu");
  const seconds = ["used_cpu_user", "used_cpu_sys"].map((name) => figure(answer, name));
  return 1e6 * (seconds[0] + seconds[1]);
}

/** Returns how much memory a server uses. */
export async function memoryBytes(server) {
  return figure(await server.cli("INFO", "memory"), "used_memory");
}

function figure(answer, name) {
  return Number(new RegExp(`^${name}:(\\S+)`, "m").exec(answer)?.[1]);
}
