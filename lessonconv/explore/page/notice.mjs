// What an explorer says when a setting is refused, or when nobody answers.
import { html } from "./dom.mjs";

const DELAY = 4000; // milliseconds until a kernel that says nothing is taken for busy or gone
const SILENT = "The kernel does not answer: it is busy or gone. You can still look around; settings wait for it.";

/** A line of notice in an explorer. ask(state): asks Python for other settings. */
export function createNotice(root, ask) {
  const node = html("div", { className: "notice", role: "status" });
  let waiting;

  function say(sentence, setting, nearest) {
    node.replaceChildren(sentence ?? "");
    root.toggleAttribute("data-notice", Boolean(sentence));
    if (nearest === null || nearest === undefined) return;
    const take = html("button", { type: "button" }, `Take ${setting} ${[nearest].flat().join("×")}, the nearest possible`);
    take.addEventListener("click", () => ask({ [setting]: nearest }));
    node.append(" ", take);
  }
  const stop = () => clearTimeout(waiting);
  return {
    node,
    stop,
    /** Something was asked: say so if no answer comes. */
    wait() { stop(); waiting = setTimeout(() => say(SILENT), DELAY); },
    /** Python has refused something, or takes that back. */
    refuse({ sentence, setting, nearest }) { stop(); say(sentence, setting, nearest); },
    /** Python has answered. */
    answered() { stop(); if (node.textContent === SILENT) say(); },
  };
}
