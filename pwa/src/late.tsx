// What is loaded only when somebody comes to it: most screens, the map, the scaling of pictures. The worker keeps every
// piece, so that each opens without the network. Must never be used for home, which says what is saved here.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { arrive } from "./parts/arrival";
import { learn, t } from "./words";

/** A piece, and the sentences that only pieces say. */
export async function bring<Piece>(load: () => Promise<Piece>): Promise<Piece> {
  const [piece, late] = await Promise.all([load(), import("../generated/messages.late.json")]);
  learn(late.default);
  return piece;
}

/** A part of a page that comes with a piece: nobody is taken to its heading when it is there. */
export function latePart<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  return late(load, () => undefined);
}

/** A component that comes with a piece: in place at once when the piece is here already. */
export function late<Props extends object>(load: () => Promise<ComponentType<Props>>, arrived = arrive): ComponentType<Props> {
  let here: ComponentType<Props> | undefined;
  return function Late(props: Props) {
    const [state, setState] = useState<"coming" | "here" | "missing">(here ? "here" : "coming");
    useEffect(() => {
      if (state === "here") arrived();
      if (state !== "coming") return;
      bring(load).then(
        (component) => {
          here = component;
          setState("here");
        },
        () => setState("missing"),
      );
    }, [state]);
    if (here && state === "here") {
      const Here = here;
      return <Here {...props} />;
    }
    if (state === "coming") return null;
    return (
      <main>
        <h1 tabIndex={-1}>{t("This page is not on the phone yet")}</h1>
        <p>{t("A part of the app is missing. Find a signal and open it again; what you saved is kept.")}</p>
        <button type="button" class="do wide" onClick={() => setState("coming")}>
          {t("Open again")}
        </button>
        <p>
          <a href="#/">{t("Home")}</a>
        </p>
      </main>
    );
  };
}
