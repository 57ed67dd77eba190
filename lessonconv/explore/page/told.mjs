// What is told of a cell: a sentence, and the sum with its numbers; for the eye at once, for the ear when asked.
import { html, write } from "./dom.mjs";
import { inText, sentence, story } from "./words.mjs";

const INVITATION = "Point at any cell, or go there with Tab and the arrow keys, to see what it meets.";
const SIGNS = { sum: ["=", "+", ""], max: ["= max(", ",", ")"], stamp: ["adds to", "", ""] }; // before, between, after

const symbol = (words, tensor) => {
  const made = html("span", { className: "symbol" }, words);
  made.dataset.tensor = tensor;
  return made;
};

/** Symbols above, numbers below. */
const column = (above, below) => html("span", { className: "column" }, html("span", {}, ...above), html("span", { className: "below" }, below));
const sign = (words) => column([words], words);
const together = (...parts) => html("span", { className: "term" }, ...parts);

/** A sum as a row of terms, each after its sign. */
function row({ head, tensor, terms, hidden, total, how }) {
  const [opens, between, closes] = SIGNS[how];
  const drawn = terms.map((term, n) => {
    const tail = term.factor ? [term.factor] : [];
    const above = term.symbols.flatMap(([name, own], k) => [...(k ? ["·"] : []), symbol(name, own)]);
    return together(sign(n ? between : opens), column([...above, ...(how === "stamp" ? [] : tail.map((words) => `·${words}`))], [...term.numbers, ...tail].join("·")));
  });
  if (!terms.length) drawn.push(column([how === "stamp" ? "adds to nothing" : "= 0"], "no cells meet"));
  if (hidden) drawn.push(together(sign(between), column([`… (${hidden} more)`], "…")));
  if (closes) drawn.push(sign(closes));
  return [column([symbol(head, tensor)], total), ...drawn];
}

export function createTold() {
  const words = html("p", { className: "words" }), sum = html("div", { className: "sum" });
  const root = html("div", { className: "told" }, words, sum), spoken = html("div", { className: "spoken" });
  let aloud = "";
  root.dataset.told = "";
  spoken.setAttribute("role", "status");
  return {
    parts: [root, spoken],
    /** Tell of a cell, or of none. */
    tell(scene, mode, cell, at) {
      const tale = cell && story(scene, mode, cell.name, cell.cell, at);
      const told = cell ? sentence(scene, mode, cell.name, cell.cell, at) : INVITATION, all = [told, ...(tale ? [inText(tale)] : [])].join(" ");
      if (all === aloud) return;
      aloud = all;
      write(words, told);
      sum.replaceChildren(...(tale ? row(tale) : []));
      root.toggleAttribute("data-empty", !cell);
    },
    /** Say aloud what was told last: when the focus moves or a step is made by hand, not on every hover. */
    speak() { write(spoken, aloud); },
  };
}
