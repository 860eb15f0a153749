// The way into the practice area, open to anybody, signed in or not.
import { useState } from "preact/hooks";
import { practise, practising } from "../practice/standing";
import { t } from "../words";

export function PractiseButton({ begin }: { begin: () => Promise<void> }) {
  const [busy, setBusy] = useState(false);
  if (practising.value) return null;
  const enter = async () => {
    setBusy(true);
    practise(true);
    location.hash = "#/";
    await begin();
  };
  return (
    <button type="button" class="wide" disabled={busy} onClick={() => void enter()} data-test="practise">
      {t("Practise in a made-up area")}
    </button>
  );
}
