export { openMemory } from "./memory-driver.ts";
