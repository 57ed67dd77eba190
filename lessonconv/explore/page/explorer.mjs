// An explorer on a page: settings, plays, grids, and what is told of the cell one looks at.
import { edit } from "./edit.mjs";
import { createGrid } from "./grid.mjs";
import { html, put, write } from "./dom.mjs";
import { keepKeys } from "./keys.mjs";
import { cellSizes } from "./layout.mjs";
import { inner, marks, move, prepare, shown, visible } from "./meetings.mjs";
import { createNotice } from "./notice.mjs";
import { createPlayer } from "./player.mjs";
import { createSettings } from "./settings.mjs";
import { createTold } from "./told.mjs";

const STACKED = { c: "channel", f: "filter" }; // which setting says what slice of a stack is shown

/** The largest number in a grid, for the colours. */
const most = (grid) => grid.values.reduce((found, value) => Math.max(found, Math.abs(value)), 0);

class Explorer {
  scene = null;
  grids = {};
  focus = null; // the cell with the keyboard's focus
  hovered = null; // the cell under the pointer

  constructor(model, root) {
    Object.assign(this, { model, root, step: model.get("step") });
    this.told = createTold();
    this.settings = createSettings({ model, ask: (state) => this.ask(state) });
    this.player = createPlayer({ go: (step) => this.walk(step), kept: (step) => this.keep(step) });
    this.notice = createNotice(root, (state) => this.ask(state));
    this.plays = html("div", { className: "plays", role: "group", ariaLabel: "What to play" });
    this.tells = html("p", { className: "tells" });
    this.stage = html("div", { className: "grids" });
    const bar = html("div", { className: "bar" }, this.plays, this.player.root);
    root.classList.add("lc-explorer");
    root.append(this.settings.root, this.notice.node, bar, this.tells, ...this.told.parts, this.stage);
    this.listen();
  }

  get mode() {
    const mode = this.model.get("mode");
    return this.scene.plays[mode] ? mode : Object.keys(this.scene.plays)[0];
  }

  /** Which slice of each stack is shown. */
  get at() {
    const slice = ([axis, count]) => [axis, Math.min(this.model.get(STACKED[axis]) ?? 0, count - 1)];
    return Object.fromEntries(Object.entries(this.scene.stacks).map(slice));
  }

  // Python

  /** Ask Python for other settings; which slice is shown, the page changes by itself. */
  ask(state) {
    for (const name in state) this.model.set(name, state[name]);
    this.model.save_changes();
    if (!Object.values(STACKED).some((name) => name in state)) this.notice.wait();
  }

  onNotice() {
    this.notice.refuse(this.model.get("notice"));
    this.settings.update();
  }

  onScene() {
    this.notice.answered();
    const plays = this.scene && Object.keys(this.scene.plays).join();
    this.scene = prepare(JSON.parse(new TextDecoder().decode(this.model.get("sent"))));
    this.most = Object.fromEntries(Object.entries(this.scene.grids).map(([name, grid]) => [name, most(grid)]));
    if (Object.keys(this.scene.plays).join() !== plays) this.offerPlays();
    put(this.root, { "data-explorer": this.scene.kind });
    this.settings.update();
    this.draw();
    this.root.dataset.seq = this.scene.seq; // last: whoever waits for a scene waits for this
  }

  onStep() {
    if (this.player.playing || this.model.get("step") === this.step) return;
    this.step = this.model.get("step");
    this.draw();
  }

  onMode() {
    this.player.stop();
    this.draw();
  }

  /** Tell Python which step is shown, when it is there to stay. */
  keep(step) {
    this.model.set("step", step);
    this.model.save_changes();
    this.told.speak();
  }

  // Drawing

  offerPlays() {
    this.plays.replaceChildren(...Object.entries(this.scene.plays).map(([name, { label }]) => {
      const choose = html("button", { type: "button", textContent: label });
      choose.dataset.play = name;
      choose.addEventListener("click", () => { this.model.set("mode", name); this.model.save_changes(); });
      return choose;
    }));
  }

  draw() {
    const { scene, mode, grids } = this, names = visible(scene, mode), sizes = cellSizes(scene, names, this.at, this.width);
    for (const name of names) {
      const grid = (grids[name] ??= createGrid(name));
      if (!grid.figure.isConnected) this.stage.append(grid.figure);
      grid.take(scene, sizes[name], this.at);
    }
    for (const name in grids) if (!names.includes(name)) grids[name].figure.remove();
    for (const play of this.plays.children) put(play, { "aria-pressed": play.dataset.play === mode });
    write(this.tells, scene.plays[mode].tells);
    put(this.root, { "data-mode": mode });
    if (this.focus && !grids[this.focus.name].figure.isConnected) this.focus = null;
    if (this.focus && this.focus.cell >= grids[this.focus.name].count) this.focus = null;
    this.hovered = null;
    this.walk(this.player.take(inner(scene.grids[scene.plays[mode].leads]).length, this.step));
  }

  /** Show a step: values as far as they are there, and its cell marked. */
  walk(step) {
    const { scene, mode, at } = this, { leads } = scene.plays[mode];
    this.step = step;
    for (const name of visible(scene, mode)) this.grids[name].fill(scene, shown(scene, mode, name, step, at), this.most[name]);
    this.look(step === null ? this.focus : { name: leads, cell: inner(scene.grids[leads])[step] });
    this.root.dataset.step = step ?? "rest";
  }

  /** Mark a cell and those it meets, and tell of it. */
  look(cell) {
    const { scene, mode } = this, found = cell ? marks(scene, mode, cell.name, cell.cell) : {};
    for (const name of visible(scene, mode)) this.grids[name].mark(...(found[name] ?? []));
    this.told.tell(scene, mode, cell, this.at);
    this.root.dataset.focus = cell ? `${cell.name},${cell.cell}` : "";
  }

  // The hand

  /** The cell that an event happened in. */
  cellOf(event) {
    const cell = event.target.closest?.("[role=gridcell]"), name = cell?.closest("[role=grid]").dataset.grid;
    return cell && { name, cell: this.grids[name].numberOf(cell) };
  }

  listen() {
    const { stage } = this;
    stage.addEventListener("pointerover", (event) => this.onPoint(this.cellOf(event)));
    stage.addEventListener("pointerleave", () => this.onLeave());
    stage.addEventListener("focusin", (event) => this.onFocus(this.cellOf(event)));
    stage.addEventListener("focusout", (event) => { if (!stage.contains(event.relatedTarget)) this.focus = null; });
    stage.addEventListener("keydown", (event) => this.onKey(event, this.cellOf(event)));
    stage.addEventListener("dblclick", (event) => this.type(this.cellOf(event), null));
  }

  onPoint(cell) {
    if (cell && !this.player.playing) this.look((this.hovered = cell));
  }

  onLeave() {
    if (!this.hovered || this.player.playing) return;
    this.hovered = null;
    this.walk(this.step);
  }

  onFocus(cell) {
    if (!cell) return;
    this.player.stop();
    this.look((this.focus = cell));
    this.grids[cell.name].select(cell.cell);
    this.told.speak();
  }

  onKey(event, cell) {
    if (!cell) return;
    const grid = this.grids[cell.name], to = move(event.key, cell.cell, ...grid.shape, event.ctrlKey);
    const opens = event.key === "F2" || (event.key === "Enter" && !event.shiftKey), types = /^[-\d.]$/.test(event.key);
    if (to !== null) grid.go(to);
    else if ((opens || types) && !event.ctrlKey && !event.metaKey && !event.altKey) this.type(cell, opens ? null : event.key);
    else return;
    event.preventDefault();
  }

  /** Let a number be typed into a cell, beginning with a first character. */
  type(target, first) {
    if (!target || !this.grids[target.name].editable(target.cell)) return;
    const { name, cell } = target, grid = this.grids[name], place = grid.place(this.at, cell);
    const done = (text, stayed) => {
      if (text !== null) {
        this.model.send({ edit: name, cell: place, text });
        this.notice.wait();
      }
      if (stayed) grid.go(cell);
    };
    edit({ grid, cell, first, done, label: `new number for ${this.scene.grids[name].title}, ${place.slice(-2).join(", ")}` });
  }
}

function render({ model, el }) {
  const explorer = new Explorer(model, el), release = keepKeys(el);
  const heard = {
    "change:sent": () => explorer.onScene(),
    "change:notice": () => explorer.onNotice(),
    "change:step": () => explorer.onStep(),
    "change:mode": () => explorer.onMode(),
    "change:channel change:filter": () => explorer.draw(),
  };
  const sized = new ResizeObserver(([entry]) => {
    const width = Math.floor(entry.contentRect.width / parseFloat(getComputedStyle(el).fontSize));
    if (width === explorer.width || !width) return;
    explorer.width = width;
    explorer.draw();
  });
  for (const event in heard) model.on(event, heard[event]);
  explorer.onScene();
  explorer.onNotice();
  sized.observe(el);
  return () => {
    explorer.player.stop();
    explorer.notice.stop();
    sized.disconnect();
    release();
    for (const event in heard) model.off(event, heard[event]);
  };
}

export default { render };
