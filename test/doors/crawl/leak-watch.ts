import { randomBytes } from "node:crypto";
import type { Answer } from "../support/browser.ts";

/** What every tag looks like, and nothing else does. */
const anyTag = /owner-[0-9a-f]{16}/g;

const cookieName = "sessionid";

/** Returns the mark of a new owner, which all that is theirs carries. */
export function newTag(): string {
  return `owner-${randomBytes(8).toString("hex")}`;
}

/** Who asked. */
export interface Asker {
  readonly tag: string;
  /** Whether they have just logged out: then not even what was theirs may be seen. */
  readonly isStranger: boolean;
}

/** Looks through every answer for what belongs to somebody else. */
export class LeakWatch {
  /** The answers looked at. */
  answers = 0;
  /** The bytes of others' tags that were in them. */
  foreignBytes = 0;
  /** The answers that held their visitor's own tag. */
  ownSeen = 0;
  /** What went wrong, in words; the first few. */
  readonly problems: string[] = [];
  readonly statuses = new Map<number, number>();
  readonly #ownerOf = new Map<string, string>();

  check(answer: Answer, request: string, asker: Asker): void {
    this.answers += 1;
    this.statuses.set(answer.status, (this.statuses.get(answer.status) ?? 0) + 1);
    this.#checkTags(`${answer.rawHeaders.join("\n")}\n${answer.body}`, request, asker);
    for (const header of answer.setCookies) this.#checkCookie(header, request, asker);
  }

  #checkTags(text: string, request: string, { tag, isStranger }: Asker): void {
    const found: readonly string[] = text.match(anyTag) ?? [];
    const foreign = found.filter((seen) => isStranger || seen !== tag);
    if (found.includes(tag)) this.ownSeen += 1;
    if (foreign.length === 0) return;
    this.foreignBytes += foreign.join("").length;
    this.#tell(`${request} of ${tag} showed ${foreign[0]}`);
  }

  #checkCookie(header: string, request: string, { tag }: Asker): void {
    const [pair = ""] = header.split(";", 1);
    const value = pair.startsWith(`${cookieName}=`) ? pair.slice(cookieName.length + 1) : "";
    if (value === "") return;
    const owner = this.#ownerOf.get(value) ?? tag;
    this.#ownerOf.set(value, owner);
    if (owner !== tag) this.#tell(`${request} gave ${tag} the cookie of ${owner}`);
  }

  #tell(problem: string): void {
    if (this.problems.length < 10) this.problems.push(problem);
  }
}
