import { requireAt } from "../support/require.mjs";
import { sessionOf } from "../support/values.mjs";
import { microsOf } from "./turns.mjs";

/** @import { TurnSettings } from "./turns.mjs" */

/** @typedef {{ form: string, micros: number }} FormCost */

const atATime = 1_000;

/**
 * Returns by the form in which a near cache hands out a value what that costs; the first is cachewell's.
 *
 * @param {TurnSettings} settings
 * @returns {Promise<FormCost[]>}
 */
export async function measureNearForms(settings) {
  const text = JSON.stringify(sessionOf(1));
  /** @type {ReturnType<typeof sessionOf>} */
  const value = JSON.parse(text);
  const forms = {
    "the value itself, frozen": () => value,
    "a structuredClone": () => structuredClone(value),
    "parsed anew from JSON": () => JSON.parse(text),
  };
  let given = value;
  const operations = Object.values(forms).map((give) => ({
    operation: async () => {
      for (let time = 0; time < atATime; time += 1) given = give();
    },
    callers: 1,
  }));
  const micros = await microsOf(operations, settings);
  if (given.id !== value.id) throw new Error("A form handed out another value.");
  return Object.keys(forms).map((form, index) => ({
    form,
    micros: requireAt(micros, index) / atATime,
  }));
}
