/** A count is judged this many turns later: late commands have arrived by then. */
const turnsToWait = 2;

/** Keeps the outcomes of the calls that count on one key. */
export class CounterTally {
  made = 0;
  pending = 0;
  maybeApplied = 0;
  repeated = 0;
  /** @type {Set<number>} */
  answers = new Set();

  /** A call is made. */
  began() {
    this.made += 1;
    this.pending += 1;
  }

  /**
   * It was answered; 0 stands for an error that was ignored.
   *
   * @param {number} sum
   */
  answered(sum) {
    this.pending -= 1;
    if (sum === 0) this.maybeApplied += 1;
    else if (this.answers.has(sum)) this.repeated += 1;
    else this.answers.add(sum);
  }

  /** It failed. @param {unknown} error */
  failed(error) {
    this.pending -= 1;
    const says = error instanceof Error && "maybeApplied" in error && error.maybeApplied === true;
    if (says) this.maybeApplied += 1;
  }

  /**
   * Returns what is wrong with the count that the server has, in words.
   *
   * @param {number} count
   * @returns {string[]}
   */
  judge(count) {
    const { made, maybeApplied, repeated, answers, pending } = this;
    const most = answers.size + maybeApplied;
    const figures = `server ${count}, made ${made}, answered ${answers.size}, maybe applied ${maybeApplied}`;
    const highest = Math.max(0, ...answers);
    const wrongs = [];
    if (repeated > 0) wrongs.push(`${repeated} answers came twice`);
    if (count > most) wrongs.push(`more was counted than may have been applied: ${figures}`);
    if (count < answers.size) wrongs.push(`less was counted than was answered: ${figures}`);
    if (count < highest) wrongs.push(`an answer was above the count: ${highest}; ${figures}`);
    if (pending > 0) wrongs.push(`${pending} calls have not ended; ${figures}`);
    return wrongs;
  }
}

/**
 * @typedef {import("./checker.mjs").Subject} Subject
 * @typedef {{ readonly number: number, readonly epoch: number, readonly tallies: Map<Subject, CounterTally> }} Turn
 */

/**
 * Counters that callers increment under load, with fresh keys for each turn. A later comparison with the
 * server's values judges them, unless the server lost its data.
 */
export class Counters {
  /** How many counters were judged, and how many calls were made on them. */
  judged = 0;
  callsJudged = 0;
  #findings;
  #epoch = 0;
  /** @type {Turn} */
  #current;
  /** @type {Turn[]} */
  #past = [];

  /** @param {import("./findings.mjs").Findings} findings */
  constructor(findings) {
    this.#findings = findings;
    this.#current = { number: 1, epoch: 0, tallies: new Map() };
  }

  /** Changes when the server loses its data. */
  get epoch() {
    return this.#epoch;
  }

  /** The server loses its data: nobody can judge the counts from before. */
  dataLost() {
    this.#epoch += 1;
  }

  /**
   * Returns the key to count on now, and its tally.
   *
   * @param {Subject} subject
   */
  current(subject) {
    const { number, tallies } = this.#current;
    const tally = tallies.get(subject) ?? new CounterTally();
    tallies.set(subject, tally);
    return { key: keyOf(number), tally };
  }

  /**
   * Begins a turn, and judges the last but one and those before.
   *
   * @param {(...args: string[]) => Promise<string>} cli runs a command on the server itself
   */
  async turn(cli) {
    this.#past.push(this.#current);
    const number = this.#current.number + 1;
    this.#current = { number, epoch: this.#epoch, tallies: new Map() };
    await this.#judge(cli, ({ number: past, tallies }) => {
      return (
        past < number - turnsToWait && [...tallies.values()].every((tally) => tally.pending === 0)
      );
    });
  }

  /** Judges all counters, once every call has ended. @param {(...args: string[]) => Promise<string>} cli */
  async finish(cli) {
    await this.turn(cli);
    await this.#judge(cli, () => true);
  }

  /**
   * @param {(...args: string[]) => Promise<string>} cli
   * @param {(turn: Turn) => boolean} isDue
   */
  async #judge(cli, isDue) {
    const due = this.#past.filter(isDue);
    this.#past = this.#past.filter((turn) => !due.includes(turn));
    for (const turn of due) {
      const subjects = [...turn.tallies.keys()];
      if (turn.epoch !== this.#epoch || subjects.length === 0) continue;
      const keys = subjects.map(({ cache }) => cache.storedKey(keyOf(turn.number)));
      const counts = (await cli("MGET", ...keys)).split("\n");
      if (turn.epoch !== this.#epoch) continue;
      for (const [index, subject] of subjects.entries()) {
        this.#judgeOne(turn, subject, Number(counts[index] ?? 0)); // an absent key is an empty line
      }
    }
  }

  /**
   * @param {Turn} turn
   * @param {Subject} subject
   * @param {number} count
   */
  #judgeOne({ number, tallies }, subject, count) {
    const tally = tallies.get(subject);
    if (!tally) return;
    this.judged += 1;
    this.callsJudged += tally.made;
    for (const wrong of tally.judge(count)) {
      this.#findings.add("a counter is wrong", `${subject.name} ${keyOf(number)}: ${wrong}`);
    }
  }
}

/** @param {number} turn */
function keyOf(turn) {
  return `count:${turn}`;
}
