// What is said of cells and sums, in words and numbers. Pure functions.
import { indices, isInner, product, terms, touched, valueAt } from "./meetings.mjs";

const MOST = 12, SOME = 9; // terms that are written out, and how many if there are more

/** A number as a cell shows it: whole ones in full up to 99,999, others with three figures; a true minus. */
export function number(value) {
  if (value === null || value === undefined) return "";
  const whole = Number.isInteger(value) && Math.abs(value) < 1e5;
  const digits = whole ? String(value) : Number(value.toPrecision(3)).toString();
  return Object.is(value, -0) ? "0" : digits.replace("-", "\u2212");
}

/** A factor of a product: negative ones stand in brackets. */
export const factor = (value) => (value < 0 ? `(${number(value)})` : number(value));

/** A share like 0.25 as "1/4", if it is one. */
export function share(value) {
  const parts = Math.round(1 / value);
  return parts > 1 && Math.abs(value * parts - 1) < 1e-9 ? `1/${parts}` : factor(value);
}

/** What stands above a grid. */
export const caption = (grid) => `${grid.label}: ${grid.title}, ${grid.size.join("\u00d7")}`;

/** A cell's name: x[2,3], or w[1,0,2,2] where there are several filters or channels. */
export function cellName(scene, name, cell, at) {
  const grid = scene.grids[name], stacked = Object.values(scene.stacks).some((count) => count > 1);
  const place = [...(stacked ? grid.stack.map((axis) => at[axis]) : []), ...indices(grid, cell)];
  return `${grid.label}[${place.map(number).join(",")}]`;
}

/** What a screen reader says of a cell. */
export function cellLabel(scene, name, cell, value) {
  const grid = scene.grids[name], [row, column] = indices(grid, cell);
  const what = isInner(grid, cell) ? "" : "padding, ";
  const seen = value === null ? "not yet made" : `value ${number(value)}`;
  return `${grid.title}, ${what}row ${number(row)}, column ${number(column)}, ${seen}`;
}

/** "1 output", "3 outputs". */
export const counted = (count, [one, many]) => `${count} ${count === 1 ? one : many}`;

/** Words as a list: "a, b and c". */
export const listed = (words) => (words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}` : words.join(""));

/** What there is to know of a cell beside its sum: its value, and how many others it meets. */
export function sentence(scene, mode, name, cell, at) {
  const grid = scene.grids[name], value = number(valueAt(scene, grid, at, cell)), own = scene.meets[grid.meets].cells;
  const met = touched(scene, grid.meets, grid.role, cell);
  const counts = Object.keys(own).filter((role) => role !== grid.role).map((role) => counted(met[role].length, scene.nouns[role]));
  const told = `${grid.title} ${cellName(scene, name, cell, at)} = ${value}`;
  const padding = isInner(grid, cell) ? "" : grid.tensor.startsWith("d") ? ", on the padding: dropped" : ", padding";
  return `${told}${padding}. It meets ${listed(counts)}.`;
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
      zero: product(scene, term) === 0,
    })),
  };
}

/** A sum in one line of text. */
export function inText({ head, terms, hidden, total, how }) {
  const more = hidden ? [`… (${hidden} more)`] : [], tail = ({ factor }) => (factor ? [factor] : []);
  const symbols = [...terms.map((term) => [...term.symbols.map(([name]) => name), ...tail(term)].join("·")), ...more];
  const numbers = [...terms.map((term) => [...term.numbers, ...tail(term)].join("·")), ...more];
  const all = (parts) => (how === "max" ? `max(${parts.join(", ")})` : parts.join(" + "));
  return terms.length ? `${head} = ${all(symbols)} = ${all(numbers)} = ${total}` : `${head} = 0: no cells meet`;
}
