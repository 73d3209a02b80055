/** The names under which the cache reports failed calls of sessions. */
export const calls = {
  load: { operation: "sessions.load" },
  save: { operation: "sessions.save" },
  touch: { operation: "sessions.touch" },
  regenerate: { operation: "sessions.regenerate" },
  destroy: { operation: "sessions.destroy" },
  list: { operation: "sessions.list" },
  clear: { operation: "sessions.clear" },
} as const;
