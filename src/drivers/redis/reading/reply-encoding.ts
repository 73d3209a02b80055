import type { ReadReply } from "../../../contracts/store.ts";

/** Stands in text for bytes that are not UTF-8, or for itself. */
const replacement = "\uFFFD";

/** No UTF-8 has this byte; every stored form that is not text begins with it. */
const noText = 0xc1;

/** For how many replies values are read as bytes after one that was not text. */
const repliesAsBytes = 1_000;

/**
 * Whether values are read as text, which costs less, or as bytes, which is right for all of them. It learns from
 * the replies: after a value that is not text, a thousand replies are read as bytes.
 */
export class ReplyEncoding {
  /** A plain field: every read reads it. */
  isText = true;
  #repliesLeft = 0;

  /** Returns the places of the replies that were read as text and may not be: they are to be read again as bytes. */
  learn(replies: readonly ReadReply[]): ReadonlySet<number> | undefined {
    if (!this.isText) return this.#learnFromBytes(replies);
    const unclear = new Set<number>();
    for (let place = 0; place < replies.length; place += 1) {
      if (isUnclear(replies[place])) unclear.add(place);
    }
    if (unclear.size === 0) return undefined;
    this.#readBytes();
    return unclear;
  }

  #learnFromBytes(replies: readonly ReadReply[]): undefined {
    this.#repliesLeft -= 1;
    const isNeeded = replies.some((reply) => reply instanceof Uint8Array && reply[0] === noText);
    if (isNeeded) this.#readBytes();
    else if (this.#repliesLeft === 0) this.isText = true;
  }

  #readBytes(): void {
    this.isText = false;
    this.#repliesLeft = repliesAsBytes;
  }
}

/** Whether a reply is text in which something may have been lost. */
export function isUnclear(reply: ReadReply): boolean {
  return typeof reply === "string" && reply.includes(replacement);
}

/** Returns the replies with those at `places` replaced, one after the other. */
export function withReplaced(
  replies: readonly ReadReply[],
  places: ReadonlySet<number>,
  others: readonly ReadReply[],
): readonly ReadReply[] {
  let next = 0;
  return replies.map((reply, place) => (places.has(place) ? others[next++] : reply));
}
