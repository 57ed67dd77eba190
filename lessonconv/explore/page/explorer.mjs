// An explorer on a page: settings, plays, grids, and what is told of the cell one looks at.
import { inner, marks, move, prepare, shown, visible } from "./meetings.mjs";
import { caption, inText, sentence, story } from "./words.mjs";
import { createGrid } from "./grid.mjs";
import { createSettings } from "./settings.mjs";
import { createPlayer } from "./player.mjs";

const PATIENCE = 4000; // milliseconds until a kernel that says nothing is taken for busy or gone
const WIDTH = 58; // em: a page's width, until it is known
const LARGEST = 2.05, SMALLEST = 0.55; // em: a cell's side
const EDGE = 1.2, GAP = 1.6, LETTER = 0.58; // em: the width of the indices, between grids, and of a caption's letter

const element = (name, className, ...children) => {
  const made = Object.assign(document.createElement(name), { className });
  made.append(...children);
  return made;
};

/** The side of each grid's cells, in em, so that all fit beside each other. Small grids keep large cells. */
export function cellSizes(scene, names, width = WIDTH) {
  const columns = {}; // of the page: how many cells, and how wide the captions
  const across = names.filter((name) => scene.grids[name].spans[1] > 1); // these have the whole width for themselves
  for (const name of names.filter((one) => !across.includes(one))) {
    const grid = scene.grids[name], column = (columns[grid.place[1]] ??= { cells: 0, words: 0 });
    column.cells = Math.max(column.cells, grid.columns);
    column.words = Math.max(column.words, LETTER * caption(grid).length);
  }
  const all = Object.values(columns), wide = all.filter(({ cells, words }) => cells * LARGEST + EDGE > words);
  const sum = (list, part) => list.reduce((total, column) => total + column[part], 0);
  const left = width - GAP * (all.length - 1) - EDGE * wide.length - (sum(all, "words") - sum(wide, "words"));
  const fitting = (room, cells) => Number(Math.max(SMALLEST, Math.min(LARGEST, room / cells)).toFixed(2));
  const side = fitting(left, sum(wide, "cells"));
  return Object.fromEntries(names.map((name) => {
    const { place, columns: cells } = scene.grids[name];
    return [name, across.includes(name) ? fitting(width - EDGE, cells) : wide.includes(columns[place[1]]) ? side : LARGEST];
  }));
}

/** The largest number in a grid, for the colours. */
const most = (grid) => grid.values.reduce((found, value) => Math.max(found, Math.abs(value)), 0);

/** A sum as a row of terms: symbols above, numbers below. */
function drawSum({ head, tensor, terms, hidden, total, how }) {
  const symbol = (words, own) => {
    const made = element("span", "symbol", words);
    made.dataset.tensor = own;
    return made;
  };
  const column = (above, below) => element("span", "column", element("span", "", ...above), element("span", "", below));
  const sign = (words) => column([words], words);
  const [opens, between, closes] = { max: ["= max(", ",", [sign(")")]], sum: ["=", "+", []], stamp: ["adds to", "", []] }[how];
  const row = terms.map((term, n) => {
    const above = term.symbols.flatMap(([name, own], k) => [...(k ? ["·"] : []), symbol(name, own)]);
    const tail = term.factor ? [term.factor] : [];
    return element("span", "term", sign(n ? between : opens), column([...above, ...tail.map((words) => `·${words}`)], [...term.numbers, ...tail].join("·")));
  });
  if (hidden) row.push(element("span", "term", sign(between), column([`… (${hidden} more)`], "…")));
  if (!terms.length) row.push(column(["= 0"], "no cells meet"));
  return [column([symbol(head, tensor)], total), ...row, ...closes];
}

function render({ model, el: root }) {
  root.classList.add("lc-explorer");
  // JupyterLab's own keys ("d d" deletes the learner's cell) are heard further up: plain keys end here
  const inside = (event) => {
    const passes = event.ctrlKey || event.metaKey || event.altKey || event.key === "Escape" || (event.key === "Enter" && event.shiftKey);
    if (!passes) event.stopPropagation();
  };
  root.addEventListener("keydown", inside);

  let scene = null, focus = null, hovered = null, waiting = null, width, grids = {};
  const notice = element("div", "notice"), plays = element("div", "plays"), tells = element("p", "tells");
  const stage = element("div", "grids"), told = element("div", "told"), words = element("p", "words"), sum = element("div", "sum");
  const spoken = element("div", "spoken");
  notice.setAttribute("role", "status");
  spoken.setAttribute("role", "status");
  plays.setAttribute("role", "group");
  plays.setAttribute("aria-label", "What to play");
  told.append(words, sum);
  const at = () => Object.fromEntries(Object.entries(scene.stacks).map(([axis, count]) => [axis, Math.min(model.get(AXES[axis]) ?? 0, count - 1)]));
  const AXES = { c: "channel", f: "filter" };
  const mode = () => (scene.plays[model.get("mode")] ? model.get("mode") : Object.keys(scene.plays)[0]);
  let step = model.get("step");

  function ask(state) {
    for (const name in state) model.set(name, state[name]);
    model.save_changes();
    if (Object.values(AXES).some((name) => name in state)) return draw(); // the page has all slices
    clearTimeout(waiting);
    waiting = setTimeout(() => say("The kernel does not answer: it is busy or gone. Looking around and playing go on; the settings wait for it."), PATIENCE);
  }
  function say(sentence, setting, nearest) {
    notice.replaceChildren(sentence ?? "");
    root.toggleAttribute("data-notice", Boolean(sentence));
    if (nearest === null || nearest === undefined) return;
    const take = element("button", "", `Take ${setting} ${[nearest].flat().join("×")}, the nearest possible`);
    take.type = "button";
    take.addEventListener("click", () => ask({ [setting]: nearest }));
    notice.append(" ", take);
  }
  const answered = () => { clearTimeout(waiting); waiting = null; };

  const settings = createSettings({ model, ask });
  const player = createPlayer({ go: walk, kept: (now) => { model.set("step", now); model.save_changes(); speak(); } });
  root.append(settings.root, notice, element("div", "bar", plays, player.root), tells, told, stage, spoken);

  function choosePlays() {
    plays.replaceChildren(...Object.entries(scene.plays).map(([name, { label }]) => {
      const choose = element("button", "", label);
      Object.assign(choose, { type: "button" });
      choose.dataset.play = name;
      choose.addEventListener("click", () => { model.set("mode", name); model.save_changes(); });
      return choose;
    }));
  }

  function draw() {
    const names = visible(scene, mode()), em = cellSizes(scene, names, width);
    for (const name of names) {
      const grid = (grids[name] ??= createGrid(name));
      if (!grid.figure.isConnected) stage.append(grid.figure);
      grid.take(scene, em[name]);
    }
    for (const name in grids) if (!names.includes(name)) grids[name].figure.remove();
    for (const one of plays.children) one.setAttribute("aria-pressed", String(one.dataset.play === mode()));
    tells.textContent = scene.plays[mode()].tells;
    root.dataset.mode = mode();
    step = player.take(inner(scene.grids[scene.plays[mode()].leads]).length, step);
    if (focus && !(names.includes(focus.name) && focus.cell < grids[focus.name].shape[0] * grids[focus.name].shape[1])) focus = null;
    hovered = null;
    walk(step);
  }

  /** Show a step: values as far as they are there, and its cell marked. */
  function walk(to) {
    step = to;
    for (const name of visible(scene, mode())) grids[name].fill(scene, shown(scene, mode(), name, step, at()), most(scene.grids[name]));
    if (step !== null) {
      const lead = scene.plays[mode()].leads;
      look({ name: lead, cell: inner(scene.grids[lead])[step] });
    } else look(focus);
    root.dataset.step = step ?? "rest";
  }

  /** Mark a cell and those it meets, and tell of it. */
  function look(cell) {
    const found = cell ? marks(scene, mode(), cell.name, cell.cell) : {};
    for (const name of visible(scene, mode())) grids[name].mark(...(found[name] ?? []));
    told.toggleAttribute("data-empty", !cell);
    if (cell) {
      const tells = story(scene, mode(), cell.name, cell.cell, at());
      words.textContent = sentence(scene, mode(), cell.name, cell.cell, at());
      sum.replaceChildren(...(tells ? drawSum(tells) : []));
    } else {
      words.textContent = "Point at any cell, or go there with Tab and the arrow keys, to see what it meets.";
      sum.replaceChildren();
    }
    root.dataset.focus = cell ? `${cell.name},${cell.cell}` : "";
    return cell;
  }
  /** Say it aloud: when the focus moves or a step is made by hand, not on every hover. */
  function speak() {
    const [name, cell] = root.dataset.focus.split(",");
    const tells = name && story(scene, mode(), name, Number(cell), at());
    spoken.textContent = words.textContent + (tells ? ` ${inText(tells)}` : "");
  }

  const cellOf = (event) => {
    const cell = event.target.closest?.("[role=gridcell]");
    return cell && { name: cell.closest("svg").dataset.grid, cell: Number(cell.dataset.n) };
  };
  stage.addEventListener("pointerover", (event) => {
    const cell = cellOf(event);
    if (cell && !player.playing) look((hovered = cell));
  });
  stage.addEventListener("pointerleave", () => {
    if (!hovered || player.playing) return;
    hovered = null;
    step === null ? look(focus) : walk(step);
  });
  stage.addEventListener("focusin", (event) => {
    const cell = cellOf(event);
    if (!cell) return;
    player.stop();
    look((focus = cell));
    grids[cell.name].select(cell.cell, false);
    speak();
  });
  stage.addEventListener("focusout", (event) => { if (!stage.contains(event.relatedTarget)) focus = null; });
  stage.addEventListener("keydown", (event) => {
    const cell = cellOf(event);
    if (!cell) return;
    const grid = grids[cell.name], to = move(event.key, cell.cell, ...grid.shape, event.ctrlKey);
    if (to !== null) {
      event.preventDefault();
      grid.select(to, true);
    } else if (grid.editable(cell.cell) && !event.ctrlKey && !event.metaKey && !event.altKey) {
      if (event.key === "Enter" && !event.shiftKey || event.key === "F2") { event.preventDefault(); edit(cell, null); }
      else if (/^[-\d.]$/.test(event.key)) { event.preventDefault(); edit(cell, event.key); }
    }
  });
  stage.addEventListener("dblclick", (event) => {
    const cell = cellOf(event);
    if (cell && grids[cell.name].editable(cell.cell)) edit(cell, null);
  });

  /** Type a number into a cell; Python says whether it is one. */
  function edit({ name, cell }, first) {
    const grid = grids[name], input = element("input", "edit"), box = grid.box(cell);
    input.value = first ?? String(grid.value(cell) ?? "");
    input.setAttribute("aria-label", `new number for ${scene.grids[name].title}, ${grid.place(at(), cell).slice(-2).join(", ")}`);
    for (const side in box) input.style[side] = `${box[side]}px`;
    let over = false;
    const close = (keep) => {
      if (over) return;
      over = true;
      const text = input.value;
      input.remove();
      if (keep) {
        model.send({ edit: name, cell: grid.place(at(), cell), text });
        clearTimeout(waiting);
        waiting = setTimeout(() => say("The kernel does not answer: the cell keeps its number."), PATIENCE);
      }
      grid.select(cell, keep !== "left");
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") close("entered");
      else if (event.key === "Escape") close("");
    });
    input.addEventListener("blur", () => close("left"));
    grid.figure.append(input);
    input.focus();
    if (first === null) input.select();
  }

  const onScene = () => {
    answered();
    const fresh = model.get("scene");
    if (!fresh) return;
    const before = scene && Object.keys(scene.plays).join();
    scene = prepare(fresh);
    if (Object.keys(scene.plays).join() !== before) choosePlays();
    root.dataset.explorer = scene.kind;
    settings.update();
    draw();
    root.dataset.seq = scene.seq; // last: whoever waits for a scene waits for this
  };
  const onNotice = () => {
    answered();
    const { sentence, setting, nearest } = model.get("notice");
    say(sentence, setting, nearest);
    settings.update();
  };
  const onStep = () => { if (!player.playing && model.get("step") !== step) { step = model.get("step"); draw(); } };
  const onMode = () => { player.stop(); draw(); };
  const heard = [["change:scene", onScene], ["change:notice", onNotice], ["change:step", onStep], ["change:mode", onMode],
    ["change:channel change:filter", draw]];
  const sized = new ResizeObserver(([entry]) => {
    const now = Math.floor(entry.contentRect.width / parseFloat(getComputedStyle(root).fontSize));
    if (now === width || !now) return;
    width = now;
    if (scene) draw();
  });
  for (const [event, action] of heard) model.on(event, action);
  onScene();
  onNotice();
  sized.observe(root);
  return () => { player.stop(); answered(); sized.disconnect(); for (const [event, action] of heard) model.off(event, action); };
}

export default { render };
