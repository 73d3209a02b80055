/** Returns the items in lists of at most `size`, in order. */
export function batchesOf<T>(items: readonly T[], size: number): (readonly T[])[] {
  if (items.length <= size) return items.length === 0 ? [] : [items];
  const batches: (readonly T[])[] = [];
  for (let start = 0; start < items.length; start += size) {
    batches.push(items.slice(start, start + size));
  }
  return batches;
}

/** Maps the items by an asynchronous task, `atOnce` of them at a time. Returns the results in the order of the items. */
export async function mapInBatches<T, R>(
  items: readonly T[],
  atOnce: number,
  task: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (const few of batchesOf(items, atOnce)) results.push(...(await Promise.all(few.map(task))));
  return results;
}
