import type { ReadReply } from "../../contracts/store.ts";
import type { ReplyForm } from "./redis-commands.ts";
import {
  bytesPerKeyReply,
  bytesReply,
  fieldsReply,
  fieldsTextReply,
  textPerKeyReply,
  textReply,
  timedFieldsReply,
  timedFieldsTextReply,
} from "./reply-forms.ts";

/** What no text holds that was UTF-8, unless it was put there: bytes that are not text become it. */
const replacement = "\uFFFD";

/** No UTF-8 has this byte; what is no text begins with it. */
const noText = 0xc1;

/** After a value that was no text, so many replies are read as bytes. */
const repliesAsBytes = 1_000;

/** How the values of one key, of several, and of a record, with the server's time too, are read. */
export interface ValueForm {
  readonly one: ReplyForm;
  readonly perKey: ReplyForm;
  readonly fields: ReplyForm;
  readonly timedFields: ReplyForm;
}

const asText: ValueForm = {
  one: textReply,
  perKey: textPerKeyReply,
  fields: fieldsTextReply,
  timedFields: timedFieldsTextReply,
};
export const asBytes: ValueForm = {
  one: bytesReply,
  perKey: bytesPerKeyReply,
  fields: fieldsReply,
  timedFields: timedFieldsReply,
};

/** Knows how to read values: text costs less, bytes are for what is no text. It learns from what it is shown. */
export class ValueForms {
  #bytesFor = 0;

  get form(): ValueForm {
    return this.#bytesFor > 0 ? asBytes : asText;
  }

  /** Returns the places of those replies that were read as text and may be none: they are to be read again. */
  learn(replies: readonly ReadReply[]): ReadonlySet<number> | undefined {
    if (this.#bytesFor > 0) this.#bytesFor -= 1;
    let unclear: Set<number> | undefined;
    for (let place = 0; place < replies.length; place += 1) {
      const reply = replies[place];
      if (reply === undefined || reply instanceof Error) continue;
      const isText = typeof reply === "string";
      if (isText ? !reply.includes(replacement) : reply[0] !== noText) continue;
      this.#bytesFor = repliesAsBytes;
      if (isText) unclear = (unclear ?? new Set()).add(place);
    }
    return unclear;
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

/** Returns a value, in either form, as what was stored. */
export function toStored(value: unknown): Exclude<ReadReply, Error> {
  return value === null ? undefined : (value as Exclude<ReadReply, Error>); // the form saw to that
}
