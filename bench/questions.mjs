/** The benches whose reports make up RESULTS.md, in its order. */
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
