// What the manager said of a record, and whether it has changed since; and whether it is the same as another.
import { book } from "../app";
import { queryOf, reviewOf } from "../records/query";
import { titleOf } from "../records/show";
import { changedSinceReview } from "../store/overlay";
import type { Shown } from "../store/types";
import { nameOf, t } from "../words";
import { linkOf } from "./line";
import { Queried } from "./query";

export function Review({ record }: { record: Shown }) {
  const review = reviewOf(record);
  if (!review?.state) return null;
  const query = queryOf(record);
  if (query) return <Queried key={query.change} record={record} query={query} />;
  const changed = changedSinceReview(record);
  return (
    <p class={review.state === "approved" && !changed ? "there" : "here"} data-test="review">
      <b>{nameOf("review", review.state)}</b>
      {review.note && `: ${review.note}`}
      {changed && " · "}
      {changed && t("changed since the review")}
    </p>
  );
}

export function Twin({ record }: { record: Shown }) {
  const other = book().meant(record.fields["same_as"]);
  if (!other || other.id === record.id) return null;
  return (
    <p class="warning" data-test="twin">
      {t("The same as")} <a href={linkOf(other)}>{titleOf(other)}</a>. {t("What was recorded here stands there.")}
    </p>
  );
}
