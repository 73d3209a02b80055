import { startWorker } from "../faults/worker-process.mjs";
import { contenders } from "./contenders.mjs";
import { appCore, pin } from "./cores.mjs";
import { workloads } from "./workloads.mjs";

const names = Object.keys(contenders);
const users = 2_000;

/** Gives the users of every contender their sessions, which outlive the processes. */
export async function enterAll(place) {
  for (const contender of names)
    await withApplication(place, contender, ({ port }) =>
      place.load.ask("enter", { contender, port, users }),
    );
}

/**
 * Plays a turn of every contender, one after the other, each in a process of its own that is new: what a process
 * has of luck, or of age, counts for one turn only, and none sleeps while others play, and tidies up then what it
 * would have to under load. Returns what each did at every workload.
 *
 * @param place the server, the load, and how long turns are
 */
export async function playRound(place, round) {
  const turns = [];
  for (const contender of orderOf(round))
    turns.push(...(await withApplication(place, contender, (it) => playTurn(place, it))));
  return turns;
}

/** Starts a contender's application, in a database of its own, for one use. */
async function withApplication({ server }, contender, use) {
  const worker = startWorker(new URL("application.mjs", import.meta.url));
  try {
    pin(worker.pid, appCore);
    const location = server.url(names.indexOf(contender));
    const port = await worker.ask("start", { contender, location });
    return await use({ contender, port, cpuMicros: () => worker.ask("cpuMicros") });
  } finally {
    await worker.stop();
  }
}

/** Warms the application up at every workload, and then measures each. */
async function playTurn(place, application) {
  const { load, settings } = place;
  const { contender, port } = application;
  for (const { writeEvery } of workloads)
    await load.ask("run", { contender, port, writeEvery, ms: settings.warmUpMs });
  const visitsBefore = await load.ask("countVisits", { contender, port });
  const turns = [];
  for (const workload of workloads) turns.push(await playWorkload(place, application, workload));
  await requireVisits(place, { ...application, visitsBefore }, turns);
  return turns;
}

async function playWorkload({ server, load, settings }, application, workload) {
  const { contender, port } = application;
  const cpu = async () => [await application.cpuMicros(), await redisMicros(server)];
  const before = await cpu();
  const ask = { contender, port, writeEvery: workload.writeEvery, ms: settings.turnMs };
  const done = await load.ask("run", ask);
  const [appMicros, redis] = (await cpu()).map((micros, index) => micros - before[index]);
  return {
    contender,
    workload,
    writes: done.writes,
    figures: {
      perSecond: (done.requests * 1_000) / done.tookMs,
      appMicros: appMicros / done.requests,
      redisMicros: redis / done.requests,
      appCoreShare: appMicros / (done.tookMs * 1_000),
      loadCoreShare: (done.cpuMicros + redis) / (done.tookMs * 1_000),
    },
  };
}

/**
 * What was written must have been kept. Requests side by side on one session may count as one, in
 * every store: few of so many sessions are asked for twice at a time.
 */
async function requireVisits({ load }, { contender, port, visitsBefore }, turns) {
  const written = turns.reduce((sum, { writes }) => sum + writes, 0);
  const kept = (await load.ask("countVisits", { contender, port })) - visitsBefore;
  if (kept <= written && kept > 0.9 * written) return;
  throw new Error(`${contender} kept ${kept} of ${written} writes.`);
}

async function redisMicros(server) {
  const answer = await server.cli("INFO", "cpu");
  const seconds = ["used_cpu_user", "used_cpu_sys"].map((name) =>
    Number(new RegExp(`${name}:(\\S+)`).exec(answer)?.[1]),
  );
  return 1e6 * (seconds[0] + seconds[1]);
}

/** Each contender comes at each place, and before its neighbours as often as behind them. */
function orderOf(round) {
  const start = round % names.length;
  const rotated = [...names.slice(start), ...names.slice(0, start)];
  return Math.floor(round / names.length) % 2 === 0 ? rotated : rotated.toReversed();
}
