// What the app has to say whatever the screen: just saved, a new version, sign in again.
import { useState } from "preact/hooks";
import { boot, open, said, tell } from "../app";
import { formsOpen, takeOver, updateReady } from "../pwa";
import { currentPerson, signIn, SignInFailed } from "../store/session";
import { language, t } from "../words";
import { Closed } from "./closed";

export function Notices() {
  return (
    <div class="notices">
      <Closed />
      {!open.value?.book.signedIn.value && <SignInAgain />}
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

/** The centre does not know this phone's token any more. All that is saved stays and goes on; only sending waits. */
function SignInAgain() {
  const [password, setPassword] = useState("");
  const [wrong, setWrong] = useState("");
  const submit = async (event: Event) => {
    event.preventDefault();
    const person = await currentPerson();
    if (!person) return;
    try {
      await signIn(boot.root, { username: person.username, password }, language.value);
      setWrong("");
      // The same book goes on: a form that stands open must not notice.
      await open.value?.book.refresh({ records: [] });
      void open.value?.triggers.now();
    } catch (error) {
      const failed = error as SignInFailed;
      setWrong(failed.code === "offline" ? t("No connection to the centre. Try again where there is a signal.") : failed.sentence);
    }
  };
  return (
    <form class="notice again" onSubmit={(event) => void submit(event)} data-test="sign-in-again">
      <label>
        {t("The centre asks you to sign in again. Nothing is lost: what you saved stays here and is sent afterwards.")}
        <input
          type="password"
          autocomplete="current-password"
          placeholder={t("Password")}
          value={password}
          onInput={(event) => setPassword(event.currentTarget.value)}
        />
      </label>
      {wrong && <p class="fault">{wrong}</p>}
      <button type="submit">{t("Sign in")}</button>
    </form>
  );
}
