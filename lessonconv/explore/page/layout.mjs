// How large the cells are drawn.
import { caption } from "./words.mjs";

const WIDTH = 58; // em: a page's width, until it is known
const LARGEST = 2.05, SMALLEST = 0.55; // em: a cell's side
const EDGE = 1.2, GAP = 1.6, LETTER = 0.58; // em: the width of the indices, between grids, and of a caption's letter

/** The side of each grid's cells, in em, so that all fit beside each other. Small grids keep large cells. */
export function cellSizes(scene, names, at, width = WIDTH) {
  const columns = {}; // of the page: how many cells, and how wide the captions
  const across = names.filter((name) => scene.grids[name].spans[1] > 1); // these have the whole width for themselves
  for (const name of names.filter((one) => !across.includes(one))) {
    const grid = scene.grids[name], column = (columns[grid.place[1]] ??= { cells: 0, words: 0 });
    column.cells = Math.max(column.cells, grid.columns);
    column.words = Math.max(column.words, LETTER * caption(scene, name, at).length);
  }
  const side = sharedSide(Object.values(columns), width), own = ({ cells, words }) => fitting(words - EDGE, cells);
  return Object.fromEntries(names.map((name) => {
    const { place, columns: cells } = scene.grids[name];
    return [name, across.includes(name) ? fitting(width - EDGE, cells) : Math.max(side, own(columns[place[1]]))];
  }));
}

const fitting = (room, cells) => Number(Math.max(SMALLEST, Math.min(LARGEST, room / cells)).toFixed(2));
const total = (columns, part) => columns.reduce((sum, column) => sum + column[part], 0);

/** The side at which columns that are wider than their captions share what the other captions leave. */
function sharedSide(columns, width) {
  let side = LARGEST;
  for (let n = 0; n <= columns.length; n++) { // each time more of them may be narrower than their captions
    const wide = columns.filter(({ cells, words }) => cells * side + EDGE > words);
    const captions = total(columns, "words") - total(wide, "words");
    side = fitting(width - GAP * (columns.length - 1) - EDGE * wide.length - captions, total(wide, "cells") || 1);
  }
  return side;
}
