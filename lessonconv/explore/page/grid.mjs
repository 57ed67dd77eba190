// One grid of cells: drawn once for its size, then only what changed.
import { html, put, svg, write } from "./dom.mjs";
import { indices, isInner } from "./meetings.mjs";
import { number } from "./numbers.mjs";
import { caption, cellLabel, inCell } from "./words.mjs";

const UNIT = 30, GUTTER = 18, LEVELS = 6; // a cell's side and the room for the indices, in the overlay's own units
const FONT = 0.43; // of a cell's side: its numbers; the stylesheet has the inverse
const READABLE = 1.55; // em: smaller cells show no numbers
const KINDS = ["link", "meet", "self"];

/** How strongly a value colours its cell: "p3", "n6", "z". */
export function level(value, most) {
  if (value === null) return "blank";
  const strength = Math.ceil((LEVELS * Math.abs(value)) / (most || 1));
  return strength ? `${value > 0 ? "p" : "n"}${Math.min(strength, LEVELS)}` : "z";
}

/** The outline of some cells as one path. */
export function outline(cells, columns, inset) {
  const side = UNIT - 2 * inset;
  return Array.from(cells, (cell) =>
    `M${(cell % columns) * UNIT + inset} ${Math.floor(cell / columns) * UNIT + inset}h${side}v${side}h${-side}z`).join("");
}

/** A mark in a corner of some cells as one path. */
export const corners = (cells, columns) =>
  cells.map((cell) => `M${((cell % columns) + 1) * UNIT - 1} ${Math.floor(cell / columns) * UNIT + 1}v9l-9 -9z`).join("");

/** Which indices are written beside a grid: all of them, or every fifth if there are many. */
export const ticks = (count, before, size) =>
  Array.from({ length: count }, (_, n) => n - before).filter((at) => count <= 16 || (at % 5 === 0 && at >= 0 && at < size));

/** A cell of the grid, and what it showed last. */
function createCell(column) {
  const cell = html("div", { className: "cell", role: "gridcell", ariaColIndex: column + 1, tabIndex: -1 });
  return { cell, value: undefined, words: "", level: "", outside: false, zero: false };
}

const createLine = (row) => ({ node: html("div", { className: "line", role: "row", ariaRowIndex: row + 1 }), cells: [] });

/** Let a node have so many children: those that are there already, and others from `more`. */
function keep(node, count, more) {
  while (node.childElementCount > count) node.lastElementChild.remove();
  while (node.childElementCount < count) node.append(more(node.childElementCount));
}

/** A grid of HTML cells, which a page lays out in two thirds of the time of text in a drawing; marks and indices are drawn over it. */
export function createGrid(name) {
  const title = html("figcaption"), body = html("div", { className: "cells", role: "grid" });
  const overlay = svg("svg", { "aria-hidden": "true", "data-overlay": name }), labels = svg("g"), badges = svg("path", { "data-badge": "" });
  const paths = Object.fromEntries(KINDS.map((kind) => [kind, svg("path", { "data-mark": kind })]));
  const sheet = html("div", { className: "sheet" }, body, overlay), figure = html("figure", {}, title, sheet);
  const lines = []; // every row that was ever needed, with its cells: a grid that shrinks and grows makes none twice
  let grid = null, cells = [], built = "", saying = "", current = 0, numbers = true, zeros = new Set();
  body.dataset.grid = name;
  overlay.append(labels, badges, ...Object.values(paths));

  function build(em) {
    const { rows, columns, before } = grid;
    numbers = em >= READABLE;
    sheet.style.fontSize = `${em * FONT}em`;
    sheet.toggleAttribute("data-dense", !numbers);
    put(overlay, { viewBox: `${-GUTTER} ${-GUTTER} ${columns * UNIT + GUTTER + 3} ${rows * UNIT + GUTTER + 3}` });
    overlay.style.width = `${(columns * UNIT + GUTTER + 3) / UNIT / FONT}em`;
    body.ariaRowCount = rows;
    body.ariaColCount = columns;
    keep(body, rows, (row) => (lines[row] ??= createLine(row)).node);
    for (const line of lines.slice(0, rows)) keep(line.node, columns, (column) => (line.cells[column] ??= createCell(column)).cell);
    const focused = document.activeElement;
    cells[current]?.cell.setAttribute("tabindex", -1);
    cells = lines.slice(0, rows).flatMap((line) => line.cells.slice(0, columns));
    cells.forEach((one, n) => {
      one.value = undefined; // its name is new, if not its number
      if (one.outside === isInner(grid, n)) one.cell.toggleAttribute("data-padding", (one.outside = !one.outside));
    });
    current = cells.findIndex(({ cell }) => cell === focused);
    if (current < 0) current = before[0] * columns + before[1];
    cells[current].cell.setAttribute("tabindex", 0);
    label(em);
  }

  /** Write the indices beside the grid; they stay readable where cells are small. */
  function label(em) {
    const { rows, columns, before, size } = grid, fontSize = `${10.5 * Math.min(1.6, Math.max(1, 1.5 / em))}px`, places = [];
    for (const [axis, count] of [[0, rows], [1, columns]])
      for (const at of ticks(count, before[axis], size[axis])) places.push([axis, (at + before[axis] + 0.5) * UNIT, number(at)]);
    keep(labels, places.length, () => svg("text"));
    places.forEach(([axis, middle, words], n) => {
      const text = labels.children[n];
      put(text, { x: axis ? middle : -GUTTER / 2, y: axis ? -GUTTER / 2 : middle, style: `font-size: ${fontSize}` });
      write(text, words);
    });
  }

  return {
    figure,
    name,
    /** Take a new scene's grid; em is the side of a cell. */
    take(scene, em, at) {
      grid = scene.grids[name];
      const shape = [grid.rows, grid.columns, ...grid.before, ...grid.size, em].join();
      const words = caption(scene, name, at), [row, column] = grid.place.map((line, axis) => `${line + 1} / span ${grid.spans[axis]}`);
      write(title, words);
      for (const node of [title, figure]) put(node, { "data-tensor": grid.tensor });
      put(body, { "aria-label": words + (grid.editable ? ", can be edited" : ""), "aria-readonly": !grid.editable });
      put(figure, { style: `grid-row: ${row}; grid-column: ${column}` });
      figure.toggleAttribute("data-wide", grid.spans[1] > 1);
      if (shape !== built) build(em);
      built = shape;
      zeros = new Set(grid.zeros ?? []);
      cells.forEach((one, n) => { if (one.zero !== zeros.has(n)) one.cell.toggleAttribute("data-zero", (one.zero = zeros.has(n))); });
      const said = [grid.outside, grid.void, grid.badge].join();
      if (said !== saying) for (const cell of cells) cell.value = undefined; // its label is new, if not its number
      saying = said;
      put(badges, { d: corners(grid.badge?.[1] ?? [], grid.columns) });
    },
    /** Write values into the cells; blank ones are null. most: the largest there is, for the colours. */
    fill(scene, values, most) {
      for (let n = 0; n < cells.length; n++) {
        const c = cells[n], shade = level(values[n], most);
        if (shade !== c.level) c.cell.dataset.level = c.level = shade;
        if (values[n] === c.value) continue;
        c.value = values[n];
        c.cell.ariaLabel = cellLabel(scene, name, n, values[n]);
        const words = numbers ? inCell(grid, n, values[n], Math.abs(values[n]) < 1 ? 2 : 3) : ""; // −0.33 is all that fits
        if (c.words === words) continue;
        if (Math.max(3, c.words.length) !== Math.max(3, words.length)) c.cell.dataset.length = words.length;
        c.cell.textContent = c.words = words;
      }
    },
    /** Mark cells, or none: [kind, cells]. */
    mark(kind, marked = []) {
      for (const one of KINDS) put(paths[one], { d: one === kind ? outline(marked, grid.columns, one === "link" ? 3 : 1.5) : "" });
    },
    /** Make a cell the one that the tab key comes to. */
    select(n) {
      cells[current]?.cell.setAttribute("tabindex", -1);
      current = n;
      cells[n].cell.setAttribute("tabindex", 0);
    },
    /** Go to a cell with the focus. */
    go: (n) => cells[n].cell.focus(),
    /** The square of a cell on the page, from the figure's corner. */
    box(n) {
      const square = cells[n].cell.getBoundingClientRect(), corner = figure.getBoundingClientRect();
      return { left: square.left - corner.left, top: square.top - corner.top, width: square.width, height: square.height };
    },
    /** A cell's place in its stack and its grid, as Python counts. */
    place: (at, n) => [...grid.stack.map((axis) => at[axis]), ...indices(grid, n)],
    value: (n) => cells[n].value,
    /** The number of a cell, from its row and column on the page. */
    numberOf: (cell) => (cell.parentNode.getAttribute("aria-rowindex") - 1) * grid.columns + (cell.getAttribute("aria-colindex") - 1),
    editable: (n) => grid.editable && isInner(grid, n) && !zeros.has(n),
    get shape() { return [grid.rows, grid.columns]; },
    get count() { return cells.length; },
  };
}
