const longest = 100;

/** Whether a value is a text that a name or an item can be. */
export function isShortText(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= longest;
}
