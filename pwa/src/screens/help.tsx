// The help: pages of plain words that are on the phone like the rest of the app.
import { Top } from "../parts/top";
import { PractiseButton } from "../parts/practise";
import { pages, type HelpPage } from "../help/pages";
import { t } from "../words";
import { Signs } from "./tour";

export function Help({ page, begin }: { page: string | undefined; begin: () => Promise<void> }) {
  const found = pages().find((each) => each.id === page);
  return (
    <div class="screen">
      <Top title={found?.title ?? t("Help")} back={found ? "/help" : "/"} />
      <main class="prose">{found ? <Page page={found} /> : <Contents begin={begin} />}</main>
    </div>
  );
}

function Contents({ begin }: { begin: () => Promise<void> }) {
  return (
    <>
      {pages().map((each) => (
        <a key={each.id} class="line" href={`#/help/${each.id}`} data-test={`help-${each.id}`}>
          {each.title}
        </a>
      ))}
      <nav class="ways" aria-label={t("Try it")}>
        <a class="way" href="#/tour" data-test="tour">
          <b>{t("The tour of two minutes")}</b>
        </a>
        <PractiseButton begin={begin} />
      </nav>
    </>
  );
}

function Page({ page }: { page: HelpPage }) {
  return (
    <>
      {page.signs && <Signs />}
      {page.parts.map(({ heading, steps, text }) => (
        <section key={heading ?? steps?.[0] ?? text?.[0]}>
          {heading && <h2>{heading}</h2>}
          {text?.map((each) => <p key={each}>{each}</p>)}
          {steps && (
            <ol>
              {steps.map((each) => (
                <li key={each}>{each}</li>
              ))}
            </ol>
          )}
        </section>
      ))}
    </>
  );
}
