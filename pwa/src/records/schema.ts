// The version of the declarations, by itself: the worker needs nothing else of them.
export { schema as SCHEMA } from "../../generated/declarations.json";
