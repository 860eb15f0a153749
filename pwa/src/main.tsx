// The officer's app begins here.
import { effect } from "@preact/signals";
import { render } from "preact";
import { boot, open, said, storageWasLost } from "./app";
import { comeBack } from "./forms/standing";
import { App } from "./screens/app";
import { register } from "./pwa";
import { openBook } from "./store/book";
import { currentPerson } from "./store/session";
import { gone } from "./store/storage";
import { Triggers } from "./sync/triggers";
import { language, speak } from "./words";

export async function begin(): Promise<void> {
  const person = await currentPerson();
  storageWasLost.value = gone.noticed(person?.id);
  if (!person) {
    open.value?.triggers.end();
    open.value?.book.close();
    open.value = null;
    // Whoever comes next begins at home, and is told nothing of what the last one did.
    said.value = null;
    history.replaceState(null, "", "#/");
    return;
  }
  const book = await openBook(person.id);
  await comeBack(book);
  const triggers = new Triggers(book, boot.root, boot.version, () => language.value);
  open.value = { book, triggers };
  triggers.begin();
}

speak(language.value);
effect(() => void (document.documentElement.lang = language.value));
render(<App begin={begin} />, document.getElementById("app")!);
void begin();
void register(boot.root);
