/** A step into a value: a property name, or the place of an array item, map entry or set member. */
export type Step = string | number;

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const wholeNumber = /^\d{1,10}$/;
const maxNameLength = 60;
const maxSteps = 20;

/** Returns the way to a part of a value as text, for example `$.user.roles[2]`. */
export function pathText(steps: readonly Step[]): string {
  const shown = steps.slice(0, maxSteps).map(stepText).join("");
  return `$${shown}${steps.length > maxSteps ? "…" : ""}`;
}

function stepText(step: Step): string {
  if (typeof step === "number" || wholeNumber.test(step)) return `[${step}]`;
  const name = step.length > maxNameLength ? `${step.slice(0, maxNameLength)}…` : step;
  return identifier.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
