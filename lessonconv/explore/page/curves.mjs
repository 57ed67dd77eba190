// Curves on a page, and a point that moves along them by hand or by key. What is told of it was sent with the curves.
import { apart, line, manner, nearest, powers, scale, slid, tangent, ticks } from "./axes.mjs";
import { html, put, svg, write } from "./dom.mjs";
import { keepKeys } from "./keys.mjs";
import { createNotice } from "./notice.mjs";
import { filled, number, tenTo } from "./numbers.mjs";
import { createSettings } from "./settings.mjs";

const EM = 14; // the SVG's units in an em
const WIDEST = 50, HEIGHT = 21; // em
const LETTER = 7.6, ROW = 17; // a label's letter, and its line
const LEFT = 58, TOP = 26, BOTTOM = 44, EDGE = 14; // room around the curves

/** The chart of a message, with where everything stands in so many units. Pure. */
export function laidOut(chart, width, height = HEIGHT * EM) {
  const longest = Math.max(...chart.curves.map(({ name }) => name.length));
  const box = { left: LEFT, right: width - EDGE - longest * LETTER, top: TOP, bottom: height - BOTTOM };
  const x = scale(chart.x, box.left, box.right), y = scale(chart.y, box.bottom, box.top);
  const xs = chart.series[chart.x.series].map(x), inside = (place) => Math.min(box.bottom, Math.max(box.top, place));
  const curves = chart.curves.map((curve, k) => {
    const ys = chart.series[curve.series].map(y), last = ys.findLastIndex((place) => place !== null);
    return { ...curve, ...manner(k), ys, path: line(xs, ys, curve.breaks), end: inside(ys[last] ?? box.bottom) };
  });
  apart(curves.map(({ end }) => end), ROW).forEach((place, k) => (curves[k].label = place));
  return { box, x, y, xs, curves };
}

/** The ticks of an axis: values with their words. */
const marked = ({ low, high, log }, count) => (log ? powers(low, high, count).map((k) => [10 ** k, tenTo(k)]) : ticks(low, high, count).map((value) => [value, number(value)]));

/** A place as ARIA wants it, a plain decimal: on a scale of powers of ten, the power. */
const ariaValue = ({ log }, value) => (log ? Number(Math.log10(value).toFixed(3)) : value);

/** All numbers at one place along the curves. */
export const numbersAt = ({ series }, index) => Object.fromEntries(Object.entries(series).map(([name, values]) => [name, values[index]]));

/** What is said at a place: the sentences with their numbers, and what holds only there. */
export function saidAt({ says, remarks, series, words: texts = {}, x }, index) {
  const values = { ...numbersAt({ series }, index), ...numbersAt({ series: texts }, index) }, at = values[x.series];
  return [...says, ...remarks.filter(([low, high]) => low <= at && at <= high).map(([, , words]) => words)].map((words) => filled(words, values));
}

class Curves {
  chart = null;
  index = 0; // where the point is, among the places that were sent
  hovered = null;
  width = WIDEST;

  constructor(model, root) {
    Object.assign(this, { model, root });
    this.notice = createNotice(root, (state) => this.ask(state));
    this.settings = createSettings({ model, ask: (state) => this.ask(state) });
    this.caption = html("figcaption");
    this.paper = svg("svg", { class: "chart", role: "group" });
    this.words = html("div", { className: "told" });
    this.point = svg("g", { class: "point", role: "slider", tabindex: 0 });
    root.classList.add("lc-explorer", "lc-curves");
    root.append(this.settings.root, this.notice.node, html("figure", {}, this.caption, this.paper), this.words);
    this.words.dataset.told = "";
    this.listen();
  }

  ask(state) {
    for (const name in state) this.model.set(name, state[name]);
    this.model.save_changes();
    this.notice.wait();
  }

  onNotice() {
    this.notice.refuse(this.model.get("notice"));
    this.settings.update();
  }

  onChart() {
    this.notice.answered();
    this.chart = JSON.parse(new TextDecoder().decode(this.model.get("sent")));
    put(this.root, { "data-explorer": this.chart.kind });
    this.settings.update();
    this.draw();
    if (this.heard !== this.chart.x.moves) this.model.on(`change:${(this.heard = this.chart.x.moves)}`, this.onMoved);
    this.root.dataset.seq = this.chart.seq; // last: whoever waits for a chart waits for this
  }

  /** The point was moved in Python. */
  onMoved = () => {
    if (!this.held) this.go(this.placeOf(this.model.get(this.chart.x.moves)));
  };

  placeOf(value) {
    const to = scale(this.chart.x, 0, 1);
    return nearest(this.chart.series[this.chart.x.series].map(to), to(value));
  }

  // Drawing

  draw() {
    const { chart, paper, point } = this, width = Math.max(24, Math.min(this.width, WIDEST)) * EM, height = HEIGHT * EM;
    const { box, x, y, xs, curves } = (this.laid = laidOut(chart, width));
    const text = (at, words, name) => Object.assign(svg("text", { ...at, class: name }), { textContent: words });
    const rule = (x1, y1, x2, y2, name) => svg("line", { x1, y1, x2, y2, class: name });
    const axes = svg("g", { "aria-hidden": "true" }), names = svg("g", { "aria-hidden": "true" });
    for (const [value, words] of marked(chart.x, Math.min(10, Math.floor((box.right - box.left) / 48)))) axes.append(rule(x(value), box.top, x(value), box.bottom, value || chart.x.log ? "grid" : "axis"), text({ x: x(value), y: box.bottom + 14 }, words));
    for (const [value, words] of marked(chart.y, 6)) axes.append(rule(box.left, y(value), box.right, y(value), value || chart.y.log ? "grid" : "axis"), text({ x: box.left - 8, y: y(value) }, words, "right"));
    axes.append(text({ x: (box.left + box.right) / 2, y: box.bottom + 33 }, chart.x.label, "title"), text({ x: 4, y: 10 }, chart.y.label, "title left"));
    for (const [value, words] of chart.guides) axes.append(rule(x(value), box.top, x(value), box.bottom, "guide"), text({ x: x(value) + 5, y: box.top + 8 }, words, "left"));
    const plot = svg("svg", { class: "plot", x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top, viewBox: `${box.left} ${box.top} ${box.right - box.left} ${box.bottom - box.top}` });
    plot.append(svg("rect", { x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top, class: "ground" }));
    for (const { path, tensor, dash, series } of curves) {
      plot.append(svg("path", { d: path, class: "curve", "data-tensor": tensor, "data-curve": series, "stroke-dasharray": dash }));
    }
    for (const { name, label, tensor, dash } of curves) {
      names.append(svg("path", { d: `M${box.right + 4} ${label}h8`, class: "curve", "data-tensor": tensor, "stroke-dasharray": dash && "3 2" }), Object.assign(svg("text", { x: box.right + 16, y: label, class: "name", "data-tensor": tensor }), { textContent: name }));
    }
    this.tangent = svg("path", { class: "tangent" });
    this.hairline = rule(0, box.top, 0, box.bottom, "hairline");
    this.marks = curves.map(({ tensor, shape }) => svg("path", { class: "mark", "data-tensor": tensor, d: shape }));
    plot.append(this.tangent);
    const rides = curves.findIndex(({ series }) => series === chart.x.rides);
    point.replaceChildren(svg("circle", { r: 16, class: "target" }), svg("circle", { r: 11, class: "ring" }), svg("circle", { r: 7, class: "handle", "data-tensor": curves[rides].tensor }));
    this.rides = curves[rides];
    paper.replaceChildren(axes, plot, names, this.hairline, ...this.marks, point);
    put(paper, { viewBox: `0 0 ${width} ${height}`, style: `width: ${width / EM}em`, "aria-label": chart.alt });
    put(point, { "aria-label": chart.x.label, "aria-orientation": "horizontal", "aria-valuemin": ariaValue(chart.x, chart.x.low), "aria-valuemax": ariaValue(chart.x, chart.x.high) });
    write(this.caption, chart.title);
    this.xs = xs;
    this.go(this.placeOf(this.model.get(chart.x.moves)));
  }

  /** Put the point at a place. */
  go(index) {
    this.index = index;
    const { chart, point, rides, xs } = this, value = chart.series[chart.x.series][index];
    put(point, { transform: `translate(${xs[index]} ${rides.ys[index] ?? this.laid.box.bottom})`, "aria-valuenow": ariaValue(chart.x, value), "aria-valuetext": saidAt(chart, index).join(" ") });
    this.root.dataset.at = value;
    this.look(index);
  }

  /** Mark a place on all curves, and tell of it. */
  look(index) {
    const { chart, xs, laid, rides } = this, slope = chart.slope && chart.series[chart.slope][index];
    put(this.hairline, { x1: xs[index], x2: xs[index] });
    laid.curves.forEach(({ ys }, k) => put(this.marks[k], { transform: `translate(${xs[index]} ${ys[index] ?? 0}) scale(5)`, visibility: ys[index] === null ? "hidden" : "visible" }));
    if (chart.slope) {
      const [from, to] = tangent([xs[index], rides.ys[index]], (slope * (laid.y(1) - laid.y(0))) / (laid.x(1) - laid.x(0)), 130);
      put(this.tangent, { d: `M${from.join(" ")}L${to.join(" ")}` });
    }
    const said = saidAt(chart, index);
    if (said.join() !== this.said) this.words.replaceChildren(...said.map((words, k) => html("p", { className: k < chart.says.length ? "words" : "words remark" }, words)));
    this.said = said.join();
    this.root.toggleAttribute("data-hover", index !== this.index);
  }

  /** Tell Python where the point is. */
  keep() {
    const { moves, series } = this.chart.x;
    this.model.set(moves, this.chart.series[series][this.index]);
    this.model.save_changes();
  }

  // The hand

  placeUnder(event) {
    const { left, width } = this.paper.getBoundingClientRect();
    return nearest(this.xs, ((event.clientX - left) / width) * this.paper.viewBox.baseVal.width);
  }

  listen() {
    const { paper, point } = this;
    paper.addEventListener("pointerdown", (event) => {
      if (event.button || !event.target.closest(".plot, .point")) return;
      event.preventDefault();
      paper.setPointerCapture(event.pointerId);
      this.held = true;
      point.focus({ preventScroll: true });
      this.go(this.placeUnder(event));
    });
    paper.addEventListener("pointermove", (event) => {
      if (this.held) this.go(this.placeUnder(event));
      else if (event.pointerType === "mouse") this.look(event.target.closest(".plot, .point") ? this.placeUnder(event) : this.index);
    });
    for (const end of ["pointerup", "pointercancel"]) paper.addEventListener(end, () => { if (this.held) { this.held = false; this.keep(); } });
    paper.addEventListener("pointerleave", () => this.held || this.look(this.index));
    point.addEventListener("keydown", (event) => {
      const to = event.ctrlKey || event.metaKey || event.altKey ? null : slid(event.key, this.index, this.xs.length);
      if (to === null) return;
      event.preventDefault();
      this.go(to);
    });
    point.addEventListener("keyup", (event) => { if (slid(event.key, 0, 1) !== null) this.keep(); });
  }
}

function render({ model, el }) {
  const curves = new Curves(model, el), release = keepKeys(el);
  const heard = { "change:sent": () => curves.onChart(), "change:notice": () => curves.onNotice() };
  const sized = new ResizeObserver(([entry]) => {
    const width = Math.floor(entry.contentRect.width / parseFloat(getComputedStyle(el).fontSize));
    if (width === curves.width || !width) return;
    curves.width = width;
    curves.draw();
  });
  for (const event in heard) model.on(event, heard[event]);
  curves.onChart();
  curves.onNotice();
  sized.observe(el);
  return () => {
    curves.notice.stop();
    sized.disconnect();
    release();
    for (const event in heard) model.off(event, heard[event]);
    model.off(`change:${curves.heard}`, curves.onMoved);
  };
}

export default { render };
