// What the browser threw away, said plainly and until somebody has read it.
import { unreadLosses } from "../app";
import { right } from "../clock";
import { note, type Loss } from "../store/lost";
import { deviceDatabase } from "../store/session";
import { sayTime, t } from "../words";

export function Lost() {
  const found = unreadLosses.value;
  if (!found.length) return null;
  const read = async () => {
    await note(await deviceDatabase(), "read");
    unreadLosses.value = [];
  };
  return (
    <div class="notice alarm" role="alert" data-test="storage-lost">
      {found.map((each) => (
        <p key={each.at + each.what}>{sentenceOf(each)}</p>
      ))}
      <button type="button" onClick={() => void read()}>
        {t("I understand")}
      </button>
    </div>
  );
}

function sentenceOf({ what, unsent, at }: Loss): string {
  if (what === "device")
    return t("The browser had removed a part of what Nương keeps on this phone. Your records were found again, with all that is unsent.");
  const gone = t(
    "The browser has removed what Nương kept on this phone (noticed {time}). What had reached the centre is safe and comes back when you sign in.",
    { time: sayTime(right(at)) },
  );
  if (unsent === 0) return [gone, t("Nothing was waiting to be sent.")].join(" ");
  const lost =
    unsent === null
      ? t("What had not reached it is gone from here: read in your safety copy if you have one, and tell your manager.")
      : t("{count} entries had not reached it and are gone from here: read in your safety copy if you have one, and tell your manager.", {
          count: unsent,
        });
  return `${gone} ${lost}`;
}
