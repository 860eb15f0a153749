// A code of a manager was opened while somebody is signed in: it is used only when they say so, and costs them nothing.
import { useEffect, useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { boot, book, open } from "../app";
import { practise, practising } from "../practice/standing";
import { Top } from "../parts/top";
import type { Person } from "../store/database";
import { currentPerson, signIn, signOut } from "../store/session";
import { language, t } from "../words";
import { sentenceOf } from "./signin";

export function Enrol({ code, begin }: { code: string; begin: () => Promise<void> }) {
  const [, go] = useLocation();
  const [person, setPerson] = useState<Person | undefined>();
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    // A code is for the real book: whoever opens one while practising leaves that, and comes here again.
    if (!practising.value) return void currentPerson().then(setPerson);
    practise(false);
    void begin();
  }, [practising.value]);
  const use = async () => {
    setBusy(true);
    try {
      const before = book().user;
      const found = await signIn(boot.root, { code }, language.value);
      go("/", { replace: true });
      if (found.id === before) {
        await book().refresh({ records: [] });
        return void open.value?.triggers.now();
      }
      await signOut(boot.root, before);
      await begin();
    } catch (error) {
      setWrong(sentenceOf(error));
      setBusy(false);
    }
  };
  return (
    <div class="screen">
      <Top title={t("A code from your manager")} back="/" />
      <main>
        <p class="large" data-test="enrol-code">
          {code}
        </p>
        <p>
          {t("{name} is signed in on this phone. The code signs in the person it was made for. What {name} has not sent stays here, closed to others.", {
            name: person?.name ?? "…",
          })}
        </p>
        {wrong && (
          <p class="fault" role="alert">
            {wrong}
          </p>
        )}
      </main>
      <footer class="actions">
        <button type="button" onClick={() => go("/", { replace: true })}>
          {t("Stay")}
        </button>
        <button class="do" type="button" data-test="use-code" disabled={busy} onClick={() => void use()}>
          {busy ? t("Asking the centre…") : t("Use the code")}
        </button>
      </footer>
    </div>
  );
}
