// Play, pause, step, scrub: moves through the steps of a play. It knows only how many there are.

import { html, put, write } from "./dom.mjs";

const PAUSE = 700; // milliseconds between two steps

const button = (label, name, action) => {
  const made = html("button", { type: "button", textContent: label });
  made.dataset.action = name;
  made.addEventListener("click", action);
  return made;
};

/** The step after one, and the first after the last. Rest, null, comes before the first. */
export const after = (step, count) => (step === null || step + 1 >= count ? 0 : step + 1);

/** The step before one; before the first there is rest. */
export const before = (step, count) => (step === null ? count - 1 : step === 0 ? null : step - 1);

/** How long a step lasts, so that a play over many cells ends within half a minute. */
export const pause = (count) => Math.max(40, Math.min(PAUSE, 30000 / count));

export function createPlayer({ go, kept }) {
  const root = html("div", { className: "player" }), calm = matchMedia("(prefers-reduced-motion: reduce)");
  const play = button("Play", "play", () => (timer ? stop() : start()));
  const scrub = html("input", { type: "range", min: 0, step: 1 }), told = html("span", { className: "value", ariaHidden: "true" });
  let timer = null, step = null, count = 1;
  scrub.dataset.setting = "step";
  scrub.setAttribute("aria-label", "step");
  scrub.addEventListener("input", () => { stop(); move(Number(scrub.value)); });
  scrub.addEventListener("change", () => kept(step)); // where a drag ends: on its way, no step is there to stay
  root.append(
    button("Step back", "back", () => { stop(); move(before(step, count)); kept(step); }),
    play,
    button("Step on", "on", () => { stop(); move(after(step, count)); kept(step); }),
    scrub, told,
    button("Show all", "rest", () => { stop(); move(null); kept(step); }),
  );

  function show() {
    put(scrub, { max: count - 1 });
    scrub.value = step ?? count - 1;
    const words = step === null ? `at rest, ${count} steps` : `step ${step + 1} of ${count}`;
    write(told, words);
    put(scrub, { "aria-valuetext": words });
  }
  function move(to) { step = to; show(); go(step); }
  function start() {
    if (calm.matches) { move(after(step, count)); return kept(step); } // no motion: a press is a step
    play.textContent = "Pause";
    const on = () => {
      move(after(step, count));
      timer = step === count - 1 ? setTimeout(stop, 0) : setTimeout(on, pause(count));
    };
    timer = setTimeout(on, 0);
  }
  function stop() {
    if (!timer) return;
    clearTimeout(timer);
    timer = null;
    play.textContent = "Play";
    kept(step);
  }
  return {
    root,
    stop,
    get playing() { return timer !== null; },
    /** Take a new play, or a step that was set elsewhere. */
    take(steps, at) { count = steps; step = at === null ? null : Math.min(at, count - 1); show(); return step; },
  };
}
