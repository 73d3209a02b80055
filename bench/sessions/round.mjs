import { startWorker } from "../faults/worker-process.mjs";
import { contenders, peer } from "./contenders.mjs";
import { appCore, pin } from "./cores.mjs";
import { workloads } from "./workloads.mjs";

const names = Object.keys(contenders);
const users = 2_000;
/** Those who have sessions by now, which outlive the processes. */
const entered = new Set();

/**
 * Plays every contender against the peer, pair by pair, each in a process that is new: what a process has of
 * luck, or of age, counts for one generation only. Returns the beats, each the turns of a pair at all workloads.
 *
 * @param place the server, the load, and how long turns are
 */
export async function playGeneration(place) {
  const beats = [];
  for (const contender of names)
    if (contender !== peer) beats.push(...(await playPair(place, [contender, peer])));
  return beats;
}

/** A pair alone: who waits for three others sleeps most of the time, and tidies up then what it would have to under load. */
async function playPair(place, pair) {
  const applications = [];
  try {
    for (const contender of pair) applications.push(newApplication(contender));
    for (const application of applications) await prepare(place, application);
    const beats = [];
    for (let beat = 0; beat < place.settings.beats; beat += 1)
      beats.push(await playBeat(place, rotated(applications, beat)));
    for (const application of applications) await requireVisits(place, application, beats.flat());
    return beats;
  } finally {
    for (const { worker } of applications) await worker.stop();
  }
}

async function playBeat(place, applications) {
  const turns = [];
  for (const workload of workloads) {
    for (const application of applications)
      turns.push(await playTurn(place, application, workload));
  }
  return turns;
}

function newApplication(contender) {
  const worker = startWorker(new URL("application.mjs", import.meta.url));
  pin(worker.pid, appCore);
  return { contender, worker };
}

/** Starts it, each contender in a database of its own, and warms it up. */
async function prepare({ server, load, settings }, application) {
  const { contender, worker } = application;
  const location = server.url(names.indexOf(contender));
  const port = await worker.ask("start", { contender, location });
  application.port = port;
  if (!entered.has(contender)) await load.ask("enter", { contender, port, users });
  entered.add(contender);
  for (const { writeEvery } of workloads)
    await load.ask("run", { contender, port, writeEvery, ms: settings.warmUpMs });
  application.visitsBefore = await load.ask("countVisits", { contender, port });
}

async function playTurn({ server, load, settings }, { contender, worker, port }, workload) {
  const { writeEvery } = workload;
  const cpu = async () => [await worker.ask("cpuMicros"), await redisMicros(server)];
  const before = await cpu();
  const done = await load.ask("run", { contender, port, writeEvery, ms: settings.turnMs });
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
  const own = turns.filter((turn) => turn.contender === contender);
  const written = own.reduce((sum, { writes }) => sum + writes, 0);
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

function rotated(list, by) {
  const start = by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}
