// Signing out: what has not been sent is said first, and stays here for its author alone.
import { useState } from "preact/hooks";
import { boot, book } from "../app";
import { signOut } from "../store/session";
import { t } from "../words";

export function Leaving({ leave }: { leave: () => Promise<void> }) {
  const [asked, setAsked] = useState(false);
  const { counts, drafts, pictures } = book();
  const unsent = counts.value.waiting + counts.value.refused;
  const out = async () => {
    await signOut(boot.root, book().user);
    await leave();
  };
  return (
    <section>
      <h2>{t("Sign out")}</h2>
      {!asked ? (
        <button type="button" data-test="sign-out" onClick={() => setAsked(true)}>
          {t("Sign out")}…
        </button>
      ) : (
        <div class="notice alarm" data-test="leaving">
          <p>
            {unsent || pictures.value.waiting || drafts.value.length
              ? t("Not at the centre: {entries} entries, {drafts} drafts, {pictures} pictures. They stay on this phone, closed to others, until you sign in here again.", {
                  entries: unsent,
                  drafts: drafts.value.length,
                  pictures: pictures.value.waiting,
                })
              : t("Nothing is lost: everything has reached the centre.")}
          </p>
          <div class="pair">
            <button type="button" onClick={() => setAsked(false)}>
              {t("Stay")}
            </button>
            <button type="button" class="needs" data-test="sign-out-really" onClick={() => void out()}>
              {t("Sign out")}
            </button>
          </div>
        </div>
      )}
    </section>
  );
}
