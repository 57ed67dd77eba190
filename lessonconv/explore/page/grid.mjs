// One grid of cells: drawn once for its size, then only what changed.
import { html, svg } from "./dom.mjs";
import { indices, isInner } from "./meetings.mjs";
import { caption, cellLabel, inCell, number } from "./words.mjs";

const UNIT = 30, GUTTER = 18, LEVELS = 6; // a cell's side and the room for the indices, in the picture's own units
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

export function createGrid(name) {
  const title = html("figcaption");
  const picture = svg("svg", { role: "grid", "data-grid": name }), cells = [], overlay = svg("g", { "aria-hidden": "true" });
  const badges = overlay.appendChild(svg("path", { "data-badge": "" }));
  const paths = Object.fromEntries(KINDS.map((kind) => [kind, overlay.appendChild(svg("path", { "data-mark": kind }))]));
  let grid = null, built = "", saying = "", current = 0, zeros = new Set();
  const figure = html("figure", {}, title, picture);

  function build(em) {
    const { rows, columns, before, size } = grid, numbers = em >= READABLE;
    cells.length = 0;
    picture.replaceChildren();
    picture.setAttribute("viewBox", `${-GUTTER} ${-GUTTER} ${columns * UNIT + GUTTER + 3} ${rows * UNIT + GUTTER + 3}`);
    picture.style.width = `${((columns * UNIT + GUTTER + 3) / UNIT) * em}em`;
    picture.toggleAttribute("data-dense", !numbers);
    picture.setAttribute("aria-rowcount", rows);
    picture.setAttribute("aria-colcount", columns);
    const scale = Math.min(1.6, Math.max(1, 1.5 / em)); // the indices stay readable where cells are small
    for (const [axis, count] of [[0, rows], [1, columns]])
      for (const at of ticks(count, before[axis], size[axis])) {
        const middle = (at + before[axis] + 0.5) * UNIT;
        const label = svg("text", { class: "index", "aria-hidden": "true", x: axis ? middle : -GUTTER / 2, y: axis ? -GUTTER / 2 : middle });
        label.style.fontSize = `${10.5 * scale}px`;
        label.textContent = number(at);
        picture.append(label);
      }
    for (let row = 0; row < rows; row++) {
      const line = svg("g", { role: "row", "aria-rowindex": row + 1 });
      for (let column = 0; column < columns; column++) {
        const n = row * columns + column, cell = svg("g", { role: "gridcell", "aria-colindex": column + 1, "data-n": n, tabindex: -1 });
        const square = svg("rect", { x: column * UNIT, y: row * UNIT, width: UNIT, height: UNIT });
        cell.append(square);
        const text = numbers ? cell.appendChild(svg("text", { x: (column + 0.5) * UNIT, y: (row + 0.5) * UNIT, "aria-hidden": "true" })) : null;
        if (!isInner(grid, n)) cell.dataset.padding = "";
        cells.push({ cell, square, text, value: undefined, level: "" });
        line.append(cell);
      }
      picture.append(line);
    }
    picture.append(overlay);
    current = grid.before[0] * columns + grid.before[1];
    cells[current].cell.setAttribute("tabindex", 0);
  }

  return {
    figure,
    name,
    /** Take a new scene's grid; em is the side of a cell. */
    take(scene, em, at) {
      grid = scene.grids[name];
      const shape = [grid.rows, grid.columns, ...grid.before, ...grid.size, em].join();
      title.textContent = caption(scene, name, at);
      title.dataset.tensor = figure.dataset.tensor = grid.tensor;
      picture.setAttribute("aria-label", title.textContent + (grid.editable ? ", can be edited" : ""));
      picture.setAttribute("aria-readonly", String(!grid.editable));
      const [row, column] = grid.place.map((line, axis) => `${line + 1} / span ${grid.spans[axis]}`);
      Object.assign(figure.style, { gridRow: row, gridColumn: column });
      figure.toggleAttribute("data-wide", grid.spans[1] > 1);
      if (shape !== built) build(em);
      built = shape;
      zeros = new Set(grid.zeros);
      cells.forEach(({ cell }, n) => cell.toggleAttribute("data-zero", zeros.has(n)));
      const said = [grid.outside, grid.void, grid.badge].join();
      if (said !== saying) for (const cell of cells) cell.value = undefined; // its label is new, if not its number
      saying = said;
      badges.setAttribute("d", corners(grid.badge?.[1] ?? [], grid.columns));
    },
    /** Write values into the cells; blank ones are null. most: the largest there is, for the colours. */
    fill(scene, values, most) {
      for (let n = 0; n < cells.length; n++) {
        const c = cells[n], shade = level(values[n], most);
        if (shade !== c.level) c.square.setAttribute("data-level", (c.level = shade));
        if (values[n] === c.value) continue;
        c.value = values[n];
        c.cell.setAttribute("aria-label", cellLabel(scene, name, n, values[n]));
        if (!c.text) continue;
        c.text.textContent = inCell(grid, n, values[n], Math.abs(values[n]) < 1 ? 2 : 3); // −0.33 is all that fits
        c.text.setAttribute("data-length", c.text.textContent.length);
      }
    },
    /** Mark cells, or none: [kind, cells]. */
    mark(kind, marked = []) {
      for (const one of KINDS) paths[one].setAttribute("d", one === kind ? outline(marked, grid.columns, one === "link" ? 3 : 1.5) : "");
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
      const square = cells[n].square.getBoundingClientRect(), corner = figure.getBoundingClientRect();
      return { left: square.left - corner.left, top: square.top - corner.top, width: square.width, height: square.height };
    },
    /** A cell's place in its stack and its grid, as Python counts. */
    place: (at, n) => [...grid.stack.map((axis) => at[axis]), ...indices(grid, n)],
    value: (n) => cells[n].value,
    editable: (n) => grid.editable && isInner(grid, n) && !zeros.has(n),
    get shape() { return [grid.rows, grid.columns]; },
    get count() { return cells.length; },
  };
}
