import { sessionOf } from "../support/values.mjs";
import { microsOf } from "./turns.mjs";

const atATime = 1_000;

/** Returns by the form in which a value is given out what that costs; first the one that cachewell uses. */
export async function measureNearForms(settings) {
  const text = JSON.stringify(sessionOf(1));
  const value = JSON.parse(text);
  const forms = {
    "the value itself, frozen": () => value,
    "a structuredClone": () => structuredClone(value),
    "parsed anew from JSON": () => JSON.parse(text),
  };
  let given;
  const operations = Object.values(forms).map((give) => ({
    operation: async () => {
      for (let time = 0; time < atATime; time += 1) given = give();
    },
    callers: 1,
  }));
  const micros = await microsOf(operations, settings);
  if (given.id !== value.id) throw new Error("What was given out is another value.");
  return Object.keys(forms).map((form, index) => ({ form, micros: micros[index] / atATime }));
}
