// Plays a film that animation.py saved: patches painted one over another, in the inks of the reader's theme.

const COLORS_AT = 33; // bytes into a PNG: after its signature and its header

/** The patches that lead from one frame to another: each adds what is new, so a way back starts from the first. */
export const between = (from, to) =>
  from <= to ? Array.from({ length: to - from }, (_, n) => from + 1 + n) : Array.from({ length: to + 1 }, (_, n) => n);

/** The frame so many steps away, round and round. */
export const away = (frame, steps, count) => (frame + steps + count) % count;

const bytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/** All patches in a theme's colours. */
const images = ({ frames, colors }, theme) =>
  Promise.all(frames.map(([, , patch]) => {
    const png = bytes(patch), parts = [png.subarray(0, COLORS_AT), bytes(colors[theme]), png.subarray(COLORS_AT)];
    return createImageBitmap(new Blob(parts, { type: "image/png" }));
  }));

function start(root) {
  const find = (selector) => root.querySelector(selector), film = JSON.parse(find("script").textContent), count = film.frames.length;
  const canvas = find("canvas"), paper = canvas.getContext("2d"), scrub = find("input"), told = find("output");
  const play = find("[data-action=play]"), calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let patches = [], theme = "", frame = 0, painted = -1, timer = null;

  function show(to) {
    for (const n of between(painted, to)) if (patches[n]) paper.drawImage(patches[n], film.frames[n][0], film.frames[n][1]);
    painted = patches.length ? to : -1;
    frame = Number((scrub.value = to));
    told.value = `${to + 1} of ${count}`;
    scrub.setAttribute("aria-valuetext", `${told.value}. ${film.said[to]}`);
    canvas.setAttribute("aria-label", `${film.alt} ${film.said[to]}`);
    root.dataset.frame = to;
  }
  function run() {
    show(away(frame, 1, count));
    timer = setTimeout(run, film.pause + (frame === count - 1 ? film.hold : 0));
  }
  function playing(on) {
    clearTimeout(timer);
    timer = on ? setTimeout(run, film.pause) : null;
    play.textContent = on ? "Pause" : "Play";
  }
  /** Put on the page's theme, whoever sets it: the system, or Jupyter. */
  async function dress() {
    const wanted = getComputedStyle(root).getPropertyValue("--lc-x").trim() === film.dark ? "dark" : "light";
    if (wanted === theme) return;
    root.style.colorScheme = root.dataset.theme = theme = wanted;
    const fresh = await images(film, wanted);
    if (wanted !== theme) return; // changed again meanwhile
    [patches, painted] = [fresh, -1];
    show(frame);
  }

  scrub.max = count - 1;
  const act = { back: () => show(away(frame, -1, count)), on: () => show(away(frame, 1, count)), play: () => {} };
  root.addEventListener("click", ({ target }) => {
    const action = target.dataset.action;
    if (!action) return;
    playing(action === "play" && timer === null);
    act[action]();
  });
  scrub.addEventListener("input", () => { playing(false); show(Number(scrub.value)); });
  root.addEventListener("keydown", (event) => { // a notebook's own keys are heard further up
    if (!(event.ctrlKey || event.metaKey || event.altKey || event.key === "Escape")) event.stopPropagation();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", dress);
  new MutationObserver(dress).observe(document.body, { attributes: true });
  show(0);
  dress().then(() => playing(!calm && count > 1));
}

if (globalThis.document)
  for (const root of document.querySelectorAll(".lc-film:not([data-frame])")) start(root);
