export { openDummy } from "./dummy-driver.ts";
