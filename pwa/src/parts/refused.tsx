// Changes that have not arrived, in words; and those that the centre refused: why, and what can be done.
import { useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { book, tell } from "../app";
import { mending } from "../forms/mending";
import { titleOf, typeName } from "../records/show";
import type { Waiting } from "../store/types";
import { faultSentence, t } from "../words";
import { fieldLabel } from "./named";

export function nameOfChange({ change }: Pick<Waiting, "change">): string {
  const record = book().get(change.record);
  return record ? titleOf(record) : typeName(change.type);
}

export function fieldsOfChange({ change }: Pick<Waiting, "change">): string {
  if ("deleted" in change.set) return change.set["deleted"] ? t("deleted") : t("brought back");
  // All of its fields are new: which ones says nothing.
  if (change.id === change.record) return t("new");
  return Object.keys(change.set)
    .map((name) => fieldLabel(change.type, name))
    .join(", ");
}

export function Refused({ waiting }: { waiting: Waiting }) {
  const [, go] = useLocation();
  const { change, refused } = waiting;
  const [sure, setSure] = useState(false);
  const discard = async () => {
    // Nobody else has what the centre does not have: one press is not enough for that.
    if (refused?.onlyHere && !sure) return setSure(true);
    await book().discardRefused(change.id);
    tell(refused?.onlyHere ? t("Given up. It was on this phone alone.") : t("Given up. The centre keeps a copy for the manager."));
  };
  return (
    <div class="refused" data-test="refused">
      <b>{nameOfChange(waiting)}</b>
      <p>{reasonSentence(waiting)}</p>
      <small>{fieldsOfChange(waiting)}</small>
      <div class="pair">
        <button type="button" data-test="mend" onClick={() => void mending(waiting).then(go)}>
          {t("Open and mend")}
        </button>
        <button type="button" onClick={() => void book().sendRefusedAgain(change.id)}>
          {t("Send once more")}
        </button>
        <button type="button" class="needs" onClick={() => void discard()} data-test="discard">
          {sure ? t("Give up, for ever") : t("Give up")}
        </button>
      </div>
      {sure && (
        <p class="warning" role="alert">
          {t("The centre has no copy of this: it is on this phone alone. Write a safety copy first, or press once more.")}
        </p>
      )}
      {refused?.putAway && <p>{t("A manager has looked at it and put it away. The answer, if there is one, stands among your tasks. Mend it, or give it up.")}</p>}
      {refused?.reason === "forbidden" && <p class="quiet">{t("Ask your manager for the right to this area, then send once more.")}</p>}
    </div>
  );
}

function reasonSentence({ change, refused }: Waiting): string {
  const field = refused?.detail.field ? fieldLabel(change.type, String(refused.detail.field).split(".")[0]!) : "";
  switch (refused?.reason) {
    case "forbidden":
      return refused.detail.code === "managers_alone"
        ? t("Only a manager may set “{field}”.", { field })
        : t("You have no right in the area of this record (any more).");
    case "too_large":
      return t("This entry is too large to send.");
    case "id_reused":
      return t("The centre has another entry under the same number. Send once more.");
    default:
      return `${field}: ${faultSentence(String(refused?.detail.code), (refused?.detail ?? {}) as Record<string, string>)}`;
  }
}
