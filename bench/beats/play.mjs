/**
 * Contenders take short turns: one beat after the other, each contender once at each case in a beat,
 * their order moving on with every beat. The speed of a machine that does other things too changes
 * within seconds; what is compared has been measured within one.
 */
import { startWorker } from "../faults/worker-process.mjs";
import { appCore, otherCore, pin } from "../sessions/cores.mjs";
import { usualKeyCount } from "../support/values.mjs";

/**
 * A case: an operation, how many callers there are, and who competes at it. A player is a contender
 * at a place: its database, how many keys that has, and what stands before them.
 *
 * @typedef {{ operation: string, concurrency: number, contenders: readonly string[] }} Case
 * @typedef {{ contender: string, database: number, keyCount: number, keyPrefix: string }} Player
 */

/**
 * Plays all cases, and returns for each what every contender did in every beat, in the same order.
 * Each generation has new processes: what one has of luck counts for one generation only.
 *
 * @param plan its `cases`; `players`, by the names that the cases call them, where those are not the
 * contenders as they come, each in a database of its own; and `prepare`, what is asked of each before
 * the first turn: `["fill"]` unless said otherwise
 */
export async function playBeats(server, plan, settings) {
  const results = plan.cases.map(({ contenders }) =>
    Object.fromEntries(contenders.map((name) => [name, []])),
  );
  pin(server.pid, otherCore);
  for (let generation = 0; generation < settings.generations; generation += 1) {
    await playGeneration({ server, plan, settings, results });
    console.error(`generation ${generation + 1} of ${settings.generations}`);
  }
  return results;
}

async function playGeneration(game) {
  const { plan, settings, server } = game;
  const players = plan.players ?? playersOf(plan.cases);
  const workers = new Map(Object.keys(players).map((name) => [name, newWorker()]));
  try {
    for (const [name, worker] of workers) {
      const { database, ...player } = players[name];
      await worker.ask("open", { ...player, url: server.url(database) });
      for (const command of plan.prepare ?? ["fill"]) await worker.ask(command);
    }
    await playBeat(game, workers, { beat: 0, isWarmUp: true });
    for (let beat = 0; beat < settings.beats; beat += 1) await playBeat(game, workers, { beat });
  } finally {
    for (const worker of workers.values()) await worker.stop();
  }
}

function playersOf(cases) {
  const names = [...new Set(cases.flatMap(({ contenders }) => contenders))];
  const player = { keyCount: usualKeyCount, keyPrefix: "" };
  return Object.fromEntries(
    names.map((contender, database) => [contender, { ...player, contender, database }]),
  );
}

function newWorker() {
  const worker = startWorker(new URL("contender.mjs", import.meta.url));
  pin(worker.pid, appCore);
  return worker;
}

async function playBeat({ plan, settings, results }, workers, { beat, isWarmUp = false }) {
  for (const [index, { operation, concurrency, contenders }] of plan.cases.entries()) {
    for (const name of rotated(contenders, beat)) {
      const order = { operation, concurrency, ms: settings.turnMs };
      const times = isWarmUp ? settings.warmUpTurns : 1;
      for (let time = 0; time < times; time += 1) {
        const figures = await workers.get(name).ask("takeTurn", order);
        if (!isWarmUp) results[index][name].push(figures);
      }
    }
  }
}

function rotated(list, by) {
  const start = by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}
