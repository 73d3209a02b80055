/** Makes the ids of a page's headings as GitHub does, so that links written for it work here. */
export class HeadingIds {
  readonly #taken = new Map<string, number>();

  /** Returns the id of the next heading: its text in lower case, with dashes, and a number when taken. */
  next(text: string): string {
    const slug = slugOf(text);
    const count = this.#taken.get(slug) ?? 0;
    this.#taken.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  }
}

function slugOf(text: string): string {
  const kept = text.toLowerCase().replace(/[^\p{L}\p{N}\p{M}_ -]/gu, "");
  return kept.replaceAll(" ", "-") || "section";
}
