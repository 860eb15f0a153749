// A value in words, for people.
import { nameOf, say, sayDay, sayNumber, sayTime, t } from "../words";
import { TYPES, type Field } from "./declarations";
import type { Json, Shown } from "../store/types";

/** A unit is a sign that all languages share, or words. */
export const unitOf = ({ unit }: Field) => (typeof unit === "object" ? say(unit) : unit);

export function showValue(field: Field | undefined, value: Json | undefined, name: (id: string) => string): string {
  if (value === undefined || value === null || value === "") return "–";
  switch (field?.kind) {
    case "choice":
      return nameOf(field.list!, value);
    case "choices":
      return (value as string[]).map((each) => nameOf(field.list!, each)).join(", ");
    case "number":
    case "integer":
      if (field.year) return String(value);
      return sayNumber(value as number, field.decimals ?? 0) + (field.unit ? ` ${unitOf(field)}` : "");
    case "date":
      return sayDay(value as string);
    case "instant":
      return sayTime(Date.parse(value as string));
    case "flag":
      return value ? t("Yes") : t("No");
    case "reference":
      return name(value as string);
    case "geometry":
      return (value as { type: string }).type === "Point" ? t("a point") : t("a boundary");
    case "items":
      return (value as Record<string, Json>[])
        .map((item) => Object.entries(field.fields!).map(([key, inner]) => (item[key] ? showValue(inner, item[key], name) : "")))
        .map((parts) => parts.filter(Boolean).join(" · "))
        .join("; ");
    case "object":
      return Object.entries(field.fields!)
        .filter(([key]) => key !== "seen" && key !== "to" && (value as Record<string, Json>)[key])
        .map(([key, inner]) => showValue(inner, (value as Record<string, Json>)[key], name))
        .join(": ");
    default:
      return typeof value === "string" ? value : JSON.stringify(value);
  }
}

/** One line by which a person knows the record again. */
export function titleOf(record: Shown): string {
  const { fields } = record;
  switch (record.type) {
    case "harvest":
      return [
        sayNumber(Number(fields["quantity"] ?? 0)),
        nameOf("unit", fields["unit"]),
        typeof fields["unit_kg"] === "number" && `× ${sayNumber(fields["unit_kg"])} kg`,
        nameOf("crop", fields["crop"]),
      ]
        .filter(Boolean)
        .join(" ");
    case "observation": {
      const pest = fields["pest"] ? nameOf("pest", fields["pest"]) : t("Not known yet");
      if (fields["found"] === "absent") return fields["pest"] ? t("None found: {pest}", { pest }) : t("None found");
      const counted = fields["inspected"] ? ` ${fields["affected"] ?? 0}/${fields["inspected"]}` : "";
      return pest + counted;
    }
    case "activity":
      return [nameOf("activity", fields["kind"]), fields["product"]].filter(Boolean).join(" ");
    case "task":
      return String(fields["what"] ?? "");
    default:
      return String(fields["name"] ?? "") || typeName(record.type);
  }
}

export function typeName(type: string): string {
  return say(TYPES[type]?.label) || type;
}

export function cropsOf(plot: Shown): string {
  const crops = (plot.fields["crops"] ?? []) as { crop?: string; variety?: string; planted_on?: string }[];
  return crops
    .map((each) => [nameOf("crop", each.crop), each.variety, each.planted_on?.slice(0, 4)].filter(Boolean).join(" · "))
    .join("; ");
}
