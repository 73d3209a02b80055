/** The benches that RESULTS.md is made of, in its order. */
export const questions = [
  "reads",
  "writes",
  "bulk",
  "near",
  "choices",
  "delete-pattern",
  "importing",
  "scale",
];
