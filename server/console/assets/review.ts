// The keys of the review, and the number on its button. Without this script every button works all the same.

export function review(queue: HTMLElement): void {
  const note = queue.querySelector<HTMLTextAreaElement>(".deciding textarea");
  document.addEventListener("keydown", (event) => {
    if (event.target === note && note && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      queue.querySelector<HTMLElement>(`[data-key=${note.dataset["for"] ?? "q"}]`)?.click();
      return event.preventDefault();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const pressed = queue.querySelector<HTMLElement>(`[data-key="${CSS.escape(event.key)}"]`);
    if (!pressed) return;
    event.preventDefault();
    // A question and a no want a word with them: the key leads there, Ctrl and Enter send it.
    if (note && (event.key === "q" || event.key === "r") && !note.value.trim()) {
      note.dataset["for"] = event.key;
      note.focus();
    } else pressed.click();
  });
  // A question without words is nothing to send: the press leads to where they are written, as its key does.
  const query = queue.querySelector<HTMLButtonElement>("[data-test=query]");
  query?.addEventListener("click", (event) => {
    if (!note || note.value.trim()) return;
    event.preventDefault();
    note.dataset["for"] = "q";
    note.focus();
  });
  const button = queue.querySelector<HTMLButtonElement>("[data-count]");
  const ticks = [...queue.querySelectorAll<HTMLInputElement>("[name=record][type=checkbox]")];
  const all = queue.querySelector<HTMLButtonElement>("[data-all]");
  if (!button || !all) return;
  const plain = button.textContent;
  const count = () => {
    const ticked = ticks.filter((each) => each.checked).length;
    button.textContent = ticked ? button.dataset["count"]!.replace("#", String(ticked)) : plain;
  };
  all.hidden = false;
  all.addEventListener("click", () => {
    const on = ticks.some((each) => !each.checked);
    for (const each of ticks) each.checked = on;
    count();
  });
  for (const each of ticks) each.addEventListener("change", count);
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input:not([type=checkbox]), textarea, select");
}
