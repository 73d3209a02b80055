/**
 * The load, in a process of its own: so many connections, each with a request under way, each
 * request with a session at random. Every answer is checked: its status, and whose session it was.
 */
import { serve } from "../faults/serve.mjs";
import { HttpConnection } from "./http-connection.mjs";

serve({ enter, run, countVisits });

const connections = 64;
/** The cookies of each contender, by user. They last as long as this process. */
const cookiesOf = new Map();

/** Gives each user a session. */
async function enter({ contender, port, users }) {
  const cookies = [];
  await forEachUser({ port, users }, async (connection, user) => {
    const { head, body } = await connection.ask(requestText(`/enter/${user}`));
    requireAnswer({ head, body }, user);
    cookies[user] = /\r\nset-cookie: ([^;\r]+)/i.exec(head)?.[1];
    if (cookies[user] === undefined) throw new Error(`User ${user} got no cookie: ${head}`);
  });
  cookiesOf.set(contender, cookies);
}

/** Returns how many requests were answered, how many of them wrote, how long it took, and what it cost here. */
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
  const lane = async (connection) => {
    while (performance.now() - startedAt < ms) {
      const isWrite = writeEvery > 0 && done.requests % writeEvery === 0;
      const user = Math.floor(Math.random() * reads.length);
      done.requests += 1;
      if (isWrite) done.writes += 1;
      requireAnswer(await connection.ask((isWrite ? writes : reads)[user]), user);
    }
  };
  await Promise.all(lanes.map(lane));
  const tookMs = performance.now() - startedAt;
  polling = false;
  const { user, system } = process.cpuUsage(cpuBefore);
  for (const connection of lanes) connection.close();
  return { ...done, tookMs, cpuMicros: user + system };
}

/** Returns the sum of all sessions' visits. */
async function countVisits({ contender, port }) {
  const asks = requests(contender, "/visits");
  let sum = 0;
  await forEachUser({ port, users: asks.length }, async (connection, user) => {
    const answer = await connection.ask(asks[user]);
    requireAnswer(answer, user);
    sum += JSON.parse(answer.body).visits;
  });
  return sum;
}

async function forEachUser({ port, users }, task) {
  const lanes = await openConnections(port);
  let next = 0;
  const lane = async (connection) => {
    while (next < users) await task(connection, next++);
    connection.close();
  };
  await Promise.all(lanes.map(lane));
}

function openConnections(port) {
  return Promise.all(Array.from({ length: connections }, () => HttpConnection.open(port)));
}

function requests(contender, path) {
  return cookiesOf.get(contender).map((cookie) => requestText(path, cookie));
}

function requestText(path, cookie) {
  const headers = ["Host: 127.0.0.1", "Accept: */*", ...(cookie ? [`Cookie: ${cookie}`] : [])];
  return `GET ${path} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`;
}

function requireAnswer({ head, body }, user) {
  if (head.startsWith("HTTP/1.1 200 ") && JSON.parse(body).user === user) return;
  throw new Error(`User ${user} was answered: ${head}\n\n${body}`);
}
