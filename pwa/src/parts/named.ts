// Fields and records by the names that people know them by.
import { book } from "../app";
import { fieldsOf } from "../records/declarations";
import { titleOf } from "../records/show";
import { say, t } from "../words";

export const nameById = (id: string) => {
  const found = book().meant(id);
  return found ? titleOf(found) : book().areas.value[id]?.name || book().person(id) || t("not here yet");
};

export function fieldLabel(type: string, name: string): string {
  return say(fieldsOf(type)[name]?.label) || name;
}
