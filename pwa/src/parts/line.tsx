// A record in a list: its state, what it is, and where it leads.
import type { ComponentChildren } from "preact";
import { book } from "../app";
import { cropsOf, titleOf, typeName } from "../records/show";
import type { Shown } from "../store/types";
import { StateMark } from "./state";

export function linkOf(record: Shown): string {
  return record.type === "farmer" || record.type === "plot" ? `#/${record.type}/${record.id}` : `#/record/${record.id}`;
}

interface Line {
  record: Shown;
  under?: ComponentChildren;
  day?: string | undefined;
  /** In place of where it leads. */
  press?: (() => void) | undefined;
}

export function RecordLine({ record, under, day, press }: Line) {
  return (
    <a
      class="line"
      href={linkOf(record)}
      data-test={`record-${record.type}`}
      data-id={record.id}
      onClick={press && ((event) => (event.preventDefault(), press()))}
    >
      <StateMark state={record.state} record={record} />
      <span class="what">
        <b>{titleOf(record)}</b>
        {under && <small>{under}</small>}
      </span>
      {day && <span class="day">{day}</span>}
    </a>
  );
}

/** Where a record belongs: whose plot it is, which plot it was on, in which village. */
export function underOf(record: Shown): string {
  const { fields, type } = record;
  const farmer = book().meant(fields["farmer"]);
  const about = book().meant(fields["plot"] ?? fields["of"]);
  const village = fields["village"] ?? farmer?.fields["village"];
  const crops = type === "plot" ? cropsOf(record) : "";
  return [type === "task" ? "" : typeName(type), farmer && titleOf(farmer), about && titleOf(about), village, fields["phone"], crops].filter(Boolean).join(" · ");
}
