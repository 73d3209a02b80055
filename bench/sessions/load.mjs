/**
 * The load, in a process of its own: connections with one request each under way, each request with a
 * session at random. It checks every answer: its status, and whose session it was.
 */
import { requireAt } from "../support/require.mjs";
import { serve } from "../support/serve.mjs";
import { HttpConnection } from "./http-connection.mjs";

/** @import { SessionContender } from "./contenders.mjs" */
/** @import { Answer } from "./http-connection.mjs" */

/** @typedef {{ contender: SessionContender, port: number }} Target */

export const commands = { enter, run, countVisits };

serve(commands);

const connections = 64;
/**
 * The cookies of each contender, by user. They last as long as this process.
 *
 * @type {Map<SessionContender, readonly string[]>}
 */
const cookiesOf = new Map();

/**
 * Gives each user a session.
 *
 * @param {Target & { users: number }} order
 */
async function enter({ contender, port, users }) {
  /** @type {string[]} */
  const cookies = [];
  await forEachUser({ port, users }, async (connection, user) => {
    const { head, body } = await connection.ask(requestText(`/enter/${user}`));
    requireAnswer({ head, body }, user);
    const cookie = /\r\nset-cookie: ([^;\r]+)/i.exec(head)?.[1];
    if (cookie === undefined) throw new Error(`User ${user} got no cookie: ${head}`);
    cookies[user] = cookie;
  });
  cookiesOf.set(contender, cookies);
}

/**
 * Returns how many requests got an answer, how many of them wrote, how long it took, and the CPU of this process.
 *
 * @param {Target & { ms: number, writeEvery: number }} order
 */
async function run({ contender, port, ms, writeEvery }) {
  const reads = requests(contender, "/untouched");
  const writes = requests(contender, "/written");
  const lanes = await openConnections(port);
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  let polling = true;
  const poll = () => {
    if (polling) setImmediate(poll);
  };
  poll();
  const done = { requests: 0, writes: 0 };
  const lane = async (/** @type {HttpConnection} */ connection) => {
    while (performance.now() - startedAt < ms) {
      const isWrite = writeEvery > 0 && done.requests % writeEvery === 0;
      const user = Math.floor(Math.random() * reads.length);
      done.requests += 1;
      if (isWrite) done.writes += 1;
      requireAnswer(await connection.ask(requireAt(isWrite ? writes : reads, user)), user);
    }
  };
  await Promise.all(lanes.map(lane));
  const tookMs = performance.now() - startedAt;
  polling = false;
  const { user, system } = process.cpuUsage(cpuBefore);
  for (const connection of lanes) connection.close();
  return { ...done, tookMs, cpuMicros: user + system };
}

/**
 * Returns the sum of all sessions' visits.
 *
 * @param {Target} target
 */
async function countVisits({ contender, port }) {
  const asks = requests(contender, "/visits");
  let sum = 0;
  await forEachUser({ port, users: asks.length }, async (connection, user) => {
    const answer = await connection.ask(requireAt(asks, user));
    sum += requireAnswer(answer, user).visits ?? 0;
  });
  return sum;
}

/**
 * @param {{ port: number, users: number }} order
 * @param {(connection: HttpConnection, user: number) => Promise<void>} task
 */
async function forEachUser({ port, users }, task) {
  const lanes = await openConnections(port);
  let next = 0;
  const lane = async (/** @type {HttpConnection} */ connection) => {
    while (next < users) await task(connection, next++);
    connection.close();
  };
  await Promise.all(lanes.map(lane));
}

/** @param {number} port */
function openConnections(port) {
  return Promise.all(Array.from({ length: connections }, () => HttpConnection.open(port)));
}

/**
 * @param {SessionContender} contender
 * @param {string} path
 */
function requests(contender, path) {
  return (cookiesOf.get(contender) ?? []).map((cookie) => requestText(path, cookie));
}

/**
 * @param {string} path
 * @param {string} [cookie]
 */
function requestText(path, cookie) {
  const headers = ["Host: 127.0.0.1", "Accept: */*", ...(cookie ? [`Cookie: ${cookie}`] : [])];
  return `GET ${path} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`;
}

/**
 * Returns what an answer says of its session.
 *
 * @param {Answer} answer
 * @param {number} user whose session it must be
 * @returns {{ user: number, visits?: number }}
 */
function requireAnswer({ head, body }, user) {
  if (head.startsWith("HTTP/1.1 200 ")) {
    const said = JSON.parse(body);
    if (said.user === user) return said;
  }
  throw new Error(`User ${user} was answered: ${head}\n\n${body}`);
}
