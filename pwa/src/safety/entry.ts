// Loaded only when a safety copy is written or read in.
export { NoCopy, takeIn, unsentOf, write } from "./copy";
export type { TakenIn, Unsent } from "./copy";
