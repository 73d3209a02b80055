import type { ReadReply } from "../../../contracts/store.ts";
import { isUnclear } from "../commands/value-commands.ts";

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

  /**
   * Returns the places of the replies that were read as text and may not be: they are to be read again as bytes.
   * A reply may have been asked for before the latest change of mind, so its own type counts.
   */
  learn(replies: readonly ReadReply[]): ReadonlySet<number> | undefined {
    if (!this.isText) this.#repliesLeft -= 1;
    if (this.#repliesLeft === 0) this.isText = true;
    let unclear: Set<number> | undefined;
    for (let place = 0; place < replies.length; place += 1) {
      const reply = replies[place];
      const mayBeLost = isUnclear(reply);
      if (!mayBeLost && !(reply instanceof Uint8Array && reply[0] === noText)) continue;
      this.expectBytes();
      if (mayBeLost) unclear = (unclear ?? new Set()).add(place);
    }
    return unclear;
  }

  /**
   * Reads values as bytes from now on, for a while. Also called where this process writes bytes: a value that is read
   * as text first and then anew could be that of a later write.
   */
  expectBytes(): void {
    this.isText = false;
    this.#repliesLeft = repliesAsBytes;
  }
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
