// A household that may be on this phone already: said while its name or its number is typed, with the way there.
// Must never stand in the way of saving: two households may be called the same.
import { useMemo } from "preact/hooks";
import { book } from "../app";
import { finderOf } from "../finding/prepared";
import { digitsOf } from "../finding/vocabulary";
import type { Draft, Shown } from "../store/types";
import { fold, t } from "../words";
import { linkOf, underOf } from "./line";

const LEAST_DIGITS = 9; // of a phone number, as it is dialled here
const MOST = 3;

/** Without marks, case, and the word for a village: "Nà Ớt" is "bản Nà Ớt". */
const plain = (text: unknown) => fold(String(text ?? "")).trim().replace(/\s+/g, " ").replace(/^(ban|xom|thon) /, "");

/** The households on this phone that have the name and village, or the number, of the one that is typed. */
export function alike({ record, typed }: Pick<Draft, "record" | "typed">): Shown[] {
  const [name, village, digits] = [plain(typed["name"]), plain(typed["village"]), digitsOf(String(typed["phone"] ?? ""))];
  const found = new Map<string, Shown>();
  const look = (text: string, fits: (fields: Shown["fields"]) => boolean) => {
    for (const { row } of finderOf(book()).find({ text, type: "farmer", order: "name" }, { here: null, recent: [], since: "" })) {
      const other = book().get(row.id);
      if (other && other.id !== record && fits(other.fields)) found.set(other.id, other);
    }
  };
  if (name.includes(" ")) look(name, (fields) => plain(fields["name"]) === name && plain(fields["village"]) === village);
  if (digits.length >= LEAST_DIGITS) look(digits, (fields) => digitsOf(String(fields["phone"] ?? "")) === digits);
  return [...found.values()].slice(0, MOST);
}

export function Alike({ draft }: { draft: Draft }) {
  const { typed, opened } = draft;
  // Of one that stands there already, only what is typed anew is asked about.
  const isNew = ["name", "phone"].some((each) => typed[each] && typed[each] !== opened?.[each]);
  const found = useMemo(() => (isNew && book().whole.value ? alike(draft) : []), [typed["name"], typed["phone"], typed["village"], isNew]);
  if (!found.length) return null;
  return (
    <p class="warning" role="status" data-test="alike">
      {t("It may be on this phone already:")}{" "}
      {found.map((each) => (
        <a key={each.id} href={linkOf(each)}>
          {[String(each.fields["name"] ?? ""), underOf(each)].filter(Boolean).join(" · ")}
        </a>
      ))}
    </p>
  );
}
