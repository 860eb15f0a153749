// What the app has to say whatever the screen: just saved, a new version, sign in again.
import { open, said, tell } from "../app";
import { formsOpen, takeOver, updateReady } from "../pwa";
import { t } from "../words";
import { SignInAgain } from "./again";
import { Closed } from "./closed";

export function Notices({ begin }: { begin: () => Promise<void> }) {
  return (
    <div class="notices">
      <Closed />
      {open.value?.book.signedIn.value === false && <SignInAgain begin={begin} />}
      {open.value?.book.diskTrouble.value && (
        <div class="notice fault" role="alert" data-test="disk-trouble">
          <span>
            {t("The phone has no room left ({reason}): what you type now is not kept yet. Free some space before you close the app.", {
              reason: open.value.book.diskTrouble.value,
            })}
          </span>
        </div>
      )}
      {updateReady.value && formsOpen.value === 0 && (
        <div class="notice" role="status">
          <span>{t("A new version is ready.")}</span>
          <button type="button" onClick={takeOver} data-test="use-update">
            {t("Use it now")}
          </button>
        </div>
      )}
      <div aria-live="polite" data-test="said">
        {said.value && (
          <div class="notice saved">
            <span>{said.value.text}</span>
            {said.value.undo && (
              <button
                type="button"
                data-test="undo"
                onClick={() => void said.value?.undo?.().then(() => tell(t("Taken back.")))}
              >
                {t("Undo")}
              </button>
            )}
          </div>
        )}
      </div>
    </div>
  );
}
