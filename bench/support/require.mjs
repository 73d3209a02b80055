/**
 * Returns an item of a list; an index beyond the end starts again at the first item.
 *
 * @template T
 * @param {readonly T[]} list
 * @param {number} index
 * @throws RangeError where the list is empty
 */
export function requireAt(list, index) {
  const item = list[index % list.length];
  if (item === undefined) throw new RangeError(`A list of ${list.length} has no item ${index}.`);
  return item;
}

/**
 * Returns the last item of a list.
 *
 * @template T
 * @param {readonly T[]} list
 * @throws RangeError where the list is empty
 */
export function requireLast(list) {
  return requireAt(list, list.length - 1);
}

/**
 * Returns the entry of a record under a name.
 *
 * @template T
 * @param {Readonly<Record<string, T>>} record
 * @param {string} name
 * @throws RangeError where the record has no such entry
 */
export function requireEntry(record, name) {
  const entry = record[name];
  if (entry === undefined)
    throw new RangeError(`There is no "${name}"; there are: ${Object.keys(record).join(", ")}.`);
  return entry;
}
