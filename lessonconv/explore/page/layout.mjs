// How large the cells are drawn.
import { caption } from "./words.mjs";

const WIDTH = 58; // em: a page's width, until it is known
const LARGEST = 2.05, SMALLEST = 0.55; // em: a cell's side
const EDGE = 1.2, GAP = 1.6, LETTER = 0.58; // em: the width of the indices, between grids, and of a caption's letter

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
