// One of the drawings, beside its word: it says nothing to a screen reader.
import { drawingOf } from "./drawings";

export function Drawn({ list, code, habit }: { list: string; code: string; habit?: string | undefined }) {
  const found = drawingOf(list, code, habit);
  if (!found) return null;
  return (
    <svg class="drawn" viewBox="0 0 32 32" aria-hidden="true">
      <path d={found[0]} />
      {found[1] && <path class="full" d={found[1]} />}
    </svg>
  );
}
