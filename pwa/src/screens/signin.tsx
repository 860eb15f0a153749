// Signing in: once, where there is a signal. Afterwards everything works without one.
import { useEffect, useState } from "preact/hooks";
import { boot } from "../app";
import { readsCodes, withinAnotherApp } from "../browser";
import { latePart } from "../late";
import { Lost } from "../parts/lost";
import { PractiseButton } from "../parts/practise";
import { signIn, SignInFailed } from "../store/session";
import { language, LANGUAGES, speak, t } from "../words";

export function SignIn({ done }: { done: () => Promise<void> }) {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  /** Wet thumbs miss a key, and dots do not show which. */
  const [legible, setLegible] = useState(false);
  /** Null: with a name and a password. */
  const [code, setCode] = useState(codeInAddress);
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    // The camera may open the address of a code in the app that stands open here.
    const look = () => setCode((typed) => codeInAddress() ?? typed);
    addEventListener("hashchange", look);
    return () => removeEventListener("hashchange", look);
  }, []);

  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setWrong("");
    try {
      await signIn(boot.root, code === null ? { username, password } : { code }, language.value);
      // A code is over once it was used.
      if (code !== null) history.replaceState(null, "", "#/");
      await done();
    } catch (error) {
      setWrong(sentenceOf(error));
      setBusy(false);
    }
  };

  return (
    <main class="signin">
      <img src={`${boot.root}static/icon.svg`} alt="" width="72" height="72" />
      <h1 tabIndex={-1}>Nương</h1>
      <p class="quiet">{t("The field book that works without a signal")}</p>
      <Lost />
      {withinAnotherApp && (
        <p class="warning" data-test="within-another-app">
          {t("This page is open inside another app (Zalo, Facebook), which may throw away what you save. Press ⋮ there and open it in Chrome or Safari.")}
        </p>
      )}
      <form onSubmit={(event) => void submit(event)}>
        {code === null ? (
          <>
            <label>
              {t("User name")}
              <input
                name="username"
                autocomplete="username"
                autocapitalize="none"
                spellcheck={false}
                required
                value={username}
                onInput={(event) => setUsername(event.currentTarget.value)}
              />
            </label>
            <div>
              <label for="password">{t("Password")}</label>
              <div class="row password">
                <input
                  id="password"
                  name="password"
                  type={legible ? "text" : "password"}
                  autocomplete="current-password"
                  autocapitalize="none"
                  spellcheck={false}
                  required
                  value={password}
                  onInput={(event) => setPassword(event.currentTarget.value)}
                />
                <button type="button" class="choice" aria-pressed={legible} aria-label={t("Show the password")} data-test="show-password" onClick={() => setLegible(!legible)}>
                  {t("Show")}
                </button>
              </div>
            </div>
          </>
        ) : (
          <label>
            {t("Code")}
            <input
              name="code"
              autocomplete="one-time-code"
              autocapitalize="characters"
              spellcheck={false}
              required
              value={code}
              onInput={(event) => setCode(event.currentTarget.value)}
            />
          </label>
        )}
        {wrong && (
          <p class="fault" role="alert" data-test="sign-in-fault">
            {wrong}
          </p>
        )}
        <button class="do" type="submit" disabled={busy} data-test="sign-in">
          {busy ? t("Asking the centre…") : t("Sign in")}
        </button>
      </form>
      {code !== null && <ByCamera found={setCode} />}
      <button type="button" class="wide" data-test="other-way" onClick={() => setCode(code === null ? "" : null)}>
        {code === null ? t("Sign in with a code from your manager") : t("Sign in with a password")}
      </button>
      <p class="quiet">{t("Signing in needs a signal, once. After that everything works without one.")}</p>
      <PractiseButton begin={done} />
      <p>
        <a class="button" href="#/help" data-test="help">
          {t("Help")}
        </a>
      </p>
      <Languages />
    </main>
  );
}

const Scan = latePart(async () => (await import("../parts/scan")).Scan);

/** The camera inside the app, where the browser reads codes; else the phone's own, which opens the address by itself. */
function ByCamera({ found }: { found: (code: string) => void }) {
  const [open, setOpen] = useState(false);
  if (!readsCodes) return <p class="quiet">{t("Or open the phone's own camera, point it at the code on the manager's screen, and press the link that appears.")}</p>;
  if (!open)
    return (
      <button type="button" class="wide" data-test="open-scan" onClick={() => setOpen(true)}>
        {t("Read the QR code with the camera")}
      </button>
    );
  const take = (code: string) => {
    setOpen(false);
    found(code);
  };
  return <Scan found={take} away={() => setOpen(false)} />;
}

/** The code in an address that a manager's QR code holds: …/#/enrol/CODE. */
function codeInAddress(): string | null {
  return /^#\/enrol\/([\w-]{1,40})$/.exec(location.hash)?.[1] ?? null;
}

export function sentenceOf(error: unknown): string {
  if (!(error instanceof SignInFailed)) return String(error);
  if (error.code === "offline") return t("No connection to the centre. Try again where there is a signal.");
  if (error.code === "not_us") return t("Something else answered in place of the centre. Check the network.");
  return error.sentence || t("The centre refused. Ask your manager.");
}

export function Languages() {
  return (
    <div class="languages" role="group" aria-label="Ngôn ngữ · Language">
      {Object.entries(LANGUAGES).map(([each, name]) => (
        <button key={each} type="button" aria-pressed={language.value === each} lang={each} onClick={() => speak(each)}>
          {name}
        </button>
      ))}
    </div>
  );
}
