// What is said of cells and sums, in words and numbers. Pure functions.
import { indices, isInner, meetingsOf, stampOf, sumOf, terms, touched, valueAt } from "./meetings.mjs";
import { factor, number, rounded } from "./numbers.mjs";

const MOST = 12, SOME = 9; // terms that are written out, and how many if there are more

/** A share like 0.25 as "1/4", if it is one. */
export function share(value) {
  const parts = Math.round(1 / value);
  return parts > 1 && Math.abs(value * parts - 1) < 1e-9 ? `1/${parts}` : factor(value);
}

/** Which slice of a stack a name speaks of, where there are several channels or filters. */
const place = (scene, grid, at) => (Object.values(scene.stacks).some((count) => count > 1) ? grid.stack.map((axis) => at[axis]) : []);

/** A name with its indices: x[2,3]. */
const named = (label, place) => (place.length ? `${label}[${place.map(number).join(",")}]` : label);

/** What stands above a grid: "x: input, 7×7", or "w[1,0]: kernel, 3×3" for one slice of several. */
export function caption(scene, name, at) {
  const grid = scene.grids[name];
  return `${named(grid.label, place(scene, grid, at))}: ${grid.title}, ${grid.size.join("\u00d7")}`;
}

/** A cell's name: x[2,3], or w[1,0,2,2] where there are several filters or channels. */
export function cellName(scene, name, cell, at) {
  const grid = scene.grids[name];
  return named(grid.label, [...place(scene, grid, at), ...indices(grid, cell)]);
}

/** What a cell holds, in figures: nothing if it is blank, but for padding that has a sign of its own. */
export const inCell = (grid, cell, value, figures = 3) => rounded(value, figures) || (isInner(grid, cell) ? "" : grid.void);

/** The word for a cell's mark, if it has one. */
const badge = (grid, cell) => (grid.badge?.[1].includes(cell) ? `, ${grid.badge[0]}` : "");

/** What a screen reader says of a cell. */
export function cellLabel(scene, name, cell, value) {
  const grid = scene.grids[name], [row, column] = indices(grid, cell), words = inCell(grid, cell, value);
  const what = isInner(grid, cell) ? "" : `${grid.outside}, `;
  const seen = words ? `value ${words}` : "not yet made";
  return `${grid.title}, ${what}row ${number(row)}, column ${number(column)}, ${seen}${badge(grid, cell)}`;
}

/** "1 output", "3 outputs". */
export const counted = (count, [one, many]) => `${count} ${count === 1 ? one : many}`;

/** Words as a list: "a, b and c". */
export const listed = (words) => (words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}` : words.join(""));

/** What there is to know of a cell beside its sum: its value, and how many others it meets. */
export function sentence(scene, mode, name, cell, at) {
  const grid = scene.grids[name], value = inCell(grid, cell, valueAt(scene, grid, at, cell)), own = scene.meets[grid.meets].cells;
  const met = touched(scene, grid.meets, grid.role, cell);
  const counts = Object.keys(own).filter((role) => role !== grid.role).map((role) => counted(met[role].length, scene.nouns[role]));
  const told = `${grid.title} ${cellName(scene, name, cell, at)} = ${value}`;
  const outside = isInner(grid, cell) ? "" : `, ${grid.outside}`;
  return `${told}${outside}${badge(grid, cell)}. It meets ${listed(counts)}.`;
}

/** The sum that makes a cell, ready to be written: its head, its terms in symbols and numbers, how many are left out. */
export function written(scene, sum, cell, at) {
  const all = terms(scene, sum, cell, at), few = all.length > MOST ? all.slice(0, SOME) : all;
  return {
    head: cellName(scene, sum.makes, cell, at),
    tensor: scene.grids[sum.makes].tensor,
    total: number(valueAt(scene, scene.grids[sum.makes], at, cell)),
    how: sum.how,
    hidden: all.length - few.length,
    terms: few.map((term) => ({
      symbols: term.parts.map((part) => [cellName(scene, part.name, part.cell, part.at), scene.grids[part.name].tensor]),
      numbers: term.parts.map((part) => factor(valueAt(scene, scene.grids[part.name], part.at, part.cell))),
      factor: term.factor === 1 ? "" : share(term.factor),
    })),
  };
}

/** What a cell adds to a sum that grows, ready to be written: to which cells, and how much to each. */
export function stamped(scene, sum, name, cell, at) {
  const { role } = scene.grids[name], { cells, factor: counts } = scene.meets[sum.meets], target = scene.grids[sum.makes];
  const all = Array.from(meetingsOf(scene.meets[sum.meets], role, cell)).filter((n) => isInner(target, cells[target.role][n]));
  const few = all.length > MOST ? all.slice(0, SOME) : all, own = scene.grids[name];
  return {
    head: cellName(scene, name, cell, at),
    tensor: own.tensor,
    total: number(valueAt(scene, own, at, cell)),
    how: "stamp",
    hidden: all.length - few.length,
    terms: few.map((n) => ({
      symbols: [[cellName(scene, sum.makes, cells[target.role][n], at), target.tensor]],
      numbers: sum.of.map((part) => factor(valueAt(scene, scene.grids[part], at, cells[scene.grids[part].role][n]))),
      factor: counts && counts[n] !== 1 ? share(counts[n]) : "",
    })),
  };
}

/** What is to be told of a cell in a play: what it adds, if it leads a sum that grows; else the sum that makes it. */
export function story(scene, mode, name, cell, at) {
  const stamp = stampOf(scene, mode, name), sum = sumOf(scene, mode, name);
  if (stamp) return stamped(scene, stamp, name, cell, at);
  return sum ? written(scene, sum, cell, at) : null;
}

/** A sum in one line of text. */
export function inText({ head, terms, hidden, total, how }) {
  const more = hidden ? [`… (${hidden} more)`] : [], tail = ({ factor }) => (factor ? [factor] : []);
  const symbols = [...terms.map((term) => [...term.symbols.map(([name]) => name), ...tail(term)].join("·")), ...more];
  const numbers = [...terms.map((term) => [...term.numbers, ...tail(term)].join("·")), ...more];
  if (how === "stamp") return `${head} adds ${listed(terms.map((term, n) => `${numbers[n]} to ${term.symbols[0][0]}`))}${hidden ? `, and to ${hidden} more` : ""}`;
  const all = (parts) => (how === "max" ? `max(${parts.join(", ")})` : parts.join(" + "));
  return terms.length ? `${head} = ${all(symbols)} = ${all(numbers)} = ${total}` : `${head} = 0: no cells meet`;
}
