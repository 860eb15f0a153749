// The centre does not know this phone's token any more. All that is saved stays and goes on; only sending waits.
import { useEffect, useState } from "preact/hooks";
import { boot, open } from "../app";
import type { Person } from "../store/database";
import { currentPerson, signIn, SignInFailed } from "../store/session";
import { language, t } from "../words";

export function SignInAgain({ begin }: { begin: () => Promise<void> }) {
  const [person, setPerson] = useState<Person | undefined>();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [wrong, setWrong] = useState("");
  useEffect(() => void currentPerson().then(setPerson), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      const found = await signIn(boot.root, { username: person?.username || username, password }, language.value);
      setWrong("");
      // Another person has a book of their own; this one stays, closed.
      if (found.id !== open.value?.book.user) return await begin();
      // The same book goes on: a form that stands open must not notice.
      await open.value?.book.refresh({ records: [] });
      void open.value?.triggers.now();
    } catch (error) {
      const { code, sentence } = error as SignInFailed;
      setWrong(code === "offline" ? t("No connection to the centre. Try again where there is a signal.") : sentence || t("The centre refused. Ask your manager."));
    }
  };
  return (
    <form class="notice again" onSubmit={(event) => void submit(event)} data-test="sign-in-again">
      <p>
        {t("The centre asks you to sign in again. Nothing is lost: what you saved stays here and is sent afterwards.")}
        {person?.name && ` (${person.name})`}
      </p>
      {person && !person.username && (
        <input
          aria-label={t("User name")}
          placeholder={t("User name")}
          autocomplete="username"
          autocapitalize="none"
          value={username}
          onInput={(event) => setUsername(event.currentTarget.value)}
        />
      )}
      <input
        type="password"
        autocomplete="current-password"
        aria-label={t("Password")}
        placeholder={t("Password")}
        data-test="password-again"
        value={password}
        onInput={(event) => setPassword(event.currentTarget.value)}
      />
      {wrong && <p class="fault">{wrong}</p>}
      <button type="submit">{t("Sign in")}</button>
      <a href="#/sync">{t("I am somebody else")}</a>
    </form>
  );
}
