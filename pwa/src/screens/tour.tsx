// The tour of two minutes: what the app is for, in six steps. It can be left at any of them, and taken again from the help.
import { useEffect, useRef, useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { open } from "../app";
import { remember } from "../browser";
import { PractiseButton } from "../parts/practise";
import { stateWord } from "../parts/state";
import { t } from "../words";

interface Step {
  title: string;
  text: string[];
  signs?: boolean;
}

function steps(): Step[] {
  return [
    {
      title: t("It works without a signal"),
      text: [
        t("Everything that you find, record and correct is done on this phone. No page waits for the network."),
        t("“Saved on this phone” means that it is kept, even if the battery dies in the next second."),
      ],
    },
    {
      title: t("Four signs say how far an entry has come"),
      text: [t("The numbers at the top of each page count them. Press them to see which.")],
      signs: true,
    },
    {
      title: t("First the farmer, then the plot"),
      text: [
        t("Find them by name, village or phone number; marks may be left out: “lo van” finds Lò Văn."),
        t("Who is not there yet is registered in a minute: “New farmer”, and on that page “New plot”."),
      ],
    },
    {
      title: t("Record on the plot's page"),
      text: [
        t("Harvest, pest or disease, work done: one button each. The crop and what you chose last are filled in already."),
        t("You looked and found nothing? Record that too: it proves that the field is healthy."),
      ],
    },
    {
      title: t("Walk round the field"),
      text: [
        t("Press “Begin to walk”, keep the app open, and go round. The area grows as you walk; a gap is drawn and can be walked later."),
        t("Too steep? Tap the corners on the map, or give one point."),
      ],
    },
    {
      title: t("At the pass it sends by itself"),
      text: [
        t("As soon as there is a signal, what waits goes to the centre: entries first, pictures after them."),
        t("If the centre or a colleague disagrees, nothing is overwritten: you are shown both and choose."),
      ],
    },
  ];
}

export function Tour({ begin }: { begin: () => Promise<void> }) {
  const [, go] = useLocation();
  const [at, setAt] = useState(0);
  const heading = useRef<HTMLHeadingElement>(null);
  const all = steps();
  const step = all[at]!;
  const last = at === all.length - 1;
  useEffect(() => {
    remember("tour");
    if (at) heading.current?.focus();
  }, [at]);
  return (
    <div class="screen">
      <header class="top">
        <p class="where quiet" data-test="tour-step">
          {t("Tour, step {step} of {all}", { step: at + 1, all: all.length })}
        </p>
        <button type="button" class="plain" onClick={() => go("/")} data-test="skip-tour">
          {t("Skip")}
        </button>
      </header>
      <main class="prose">
        <h1 tabIndex={-1} ref={heading} class="large">
          {step.title}
        </h1>
        {step.text.map((each) => (
          <p key={each}>{each}</p>
        ))}
        {step.signs && <Signs />}
        {last && !open.value && <p class="quiet">{t("Signing in needs a signal, once. Practising needs nothing.")}</p>}
        {last && <PractiseButton begin={begin} />}
      </main>
      <footer class="actions">
        <button type="button" disabled={!at} onClick={() => setAt(at - 1)}>
          {t("Back")}
        </button>
        <button type="button" class="do" onClick={() => (last ? go("/") : setAt(at + 1))} data-test="tour-next">
          {last ? t("Begin") : t("Next")}
        </button>
      </footer>
    </div>
  );
}

/** The four signs with their words, as they stand beside entries. */
export function Signs() {
  return (
    <dl class="signs">
      <div>
        <dt class="here">○ {stateWord("here")}</dt>
        <dd>{t("Saved here and nowhere else yet. It waits for a signal.")}</dd>
      </div>
      <div>
        <dt class="here">◐ {stateWord("going")}</dt>
        <dd>{t("On its way. If the link breaks it goes again: nothing is doubled.")}</dd>
      </div>
      <div>
        <dt class="there">● {stateWord("there")}</dt>
        <dd>{t("The centre has it. The manager sees it, and colleagues get it.")}</dd>
      </div>
      <div>
        <dt>
          <span class="needs">▲ {stateWord("attention")}</span>
        </dt>
        <dd>{t("The centre refused it, or two people typed different things. Open it and decide.")}</dd>
      </div>
    </dl>
  );
}
