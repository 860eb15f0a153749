// The map, loaded only where one is shown.
export { mountPen } from "./pen";
export { mountOverview } from "./overview";
