// Typing a number into a cell. Python says whether it is one.
import { html } from "./dom.mjs";

/** Open a field over a cell. done(text, stayed): text is null if nothing was entered; stayed, if the focus is still here. */
export function edit({ grid, cell, label, first, done }) {
  const input = html("input", { className: "edit", value: first ?? String(grid.value(cell) ?? "") }), box = grid.box(cell);
  input.setAttribute("aria-label", label);
  for (const side in box) input.style[side] = `${box[side]}px`;
  let open = true;
  const close = (text, stayed) => {
    if (!open) return;
    open = false;
    input.remove();
    done(text, stayed);
  };
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") close(input.value, true);
    else if (event.key === "Escape") close(null, true);
  });
  input.addEventListener("blur", () => close(input.value, false));
  grid.figure.append(input);
  input.focus();
  if (first === null) input.select();
}
