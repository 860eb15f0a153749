// A record in a list: its state, what it is, and where it leads.
import type { ComponentChildren } from "preact";
import { titleOf } from "../records/show";
import type { Shown } from "../store/types";
import { StateMark } from "./state";

export function linkOf(record: Shown): string {
  return record.type === "farmer" || record.type === "plot" ? `#/${record.type}/${record.id}` : `#/record/${record.id}`;
}

export function RecordLine({ record, under, day }: { record: Shown; under?: ComponentChildren; day?: string | undefined }) {
  return (
    <a class="line" href={linkOf(record)} data-test={`record-${record.type}`} data-id={record.id}>
      <StateMark state={record.state} record={record} />
      <span class="what">
        <b>{titleOf(record)}</b>
        {under && <small>{under}</small>}
      </span>
      {day && <span class="day">{day}</span>}
    </a>
  );
}
