import { CommandTimeoutError } from "../../contracts/errors.ts";
import { sendThrough } from "./node-redis.ts";
import type { NodeRedisClient, RedisArgument, ReplyForm } from "./redis-commands.ts";
import { isWrite, toCacheError } from "./redis-errors.ts";

/** One command, and how long its answer may take. */
export interface Question {
  readonly command: readonly RedisArgument[];
  readonly form: ReplyForm;
  readonly timeoutMs: number;
}

/** Told of what a server answers. */
export interface AnswerWatch {
  /** How many answers there have been. */
  answers: number;

  /** An answer is overdue; `answersBefore` is how many there had been when the question was sent. */
  overdue(answersBefore: number): void;
}

/** Sends over a connected client and bounds the wait for the answer, whose slot stays its own. */
export function ask(
  client: NodeRedisClient,
  { command, form, timeoutMs }: Question,
  watch?: AnswerWatch,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const answersBefore = watch?.answers ?? 0;
    const giveUp = (): void => {
      reject(lateAnswer(command, timeoutMs));
      watch?.overdue(answersBefore);
    };
    // After a blocked event loop the timer comes first; answers that have arrived are read before `giveUp`.
    const timer = setTimeout(() => setImmediate(giveUp), timeoutMs);
    const settle = (): void => {
      clearTimeout(timer);
      if (watch) watch.answers += 1;
    };
    const answered = (reply: unknown): void => {
      settle();
      resolve(reply);
    };
    const failed = (error: unknown): void => {
      settle();
      reject(toCacheError(error, command));
    };
    try {
      sendThrough(client, command, form).then(answered, failed);
    } catch (error) {
      failed(error);
    }
  });
}

function lateAnswer(command: readonly RedisArgument[], timeoutMs: number): CommandTimeoutError {
  const context = { operation: String(command[0]), maybeApplied: isWrite(command) };
  return new CommandTimeoutError(Math.round(timeoutMs), context);
}
