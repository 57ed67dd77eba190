// What a ring and a badge are said to be, and how a grid that lies across columns is laid out.
import assert from "node:assert/strict";
import test from "node:test";

import { corners } from "../../../lessonconv/explore/page/grid.mjs";
import { cellLabel, inCell, sentence } from "../../../lessonconv/explore/page/words.mjs";
import { prepare } from "../../../lessonconv/explore/page/meetings.mjs";

// Three inputs and a cell of padding in front; the second of them wins.
const grid = {
  label: "x", title: "input", tensor: "x", role: "in", rows: 1, columns: 4, size: [1, 3], before: [0, 1], values: [null, 0.125, 7, 1],
  place: [0, 0], spans: [1, 1], stack: [], meets: "meet", sum: null, badge: ["winner", [2]], outside: "padding", void: "−∞",
};
const scene = prepare({
  grids: { x: grid }, meets: { meet: { roles: { in: [[2], [0], 1], out: [[0], [0], 1] } } },
  sums: {}, plays: { forward: { sums: {}, grids: [] } }, nouns: { in: ["input", "inputs"], out: ["output", "outputs"] }, links: [], extras: [], stacks: {},
});

test("a blank cell of the ring shows what it counts as, a blank cell inside shows nothing", () => {
  assert.equal(inCell(grid, 0, null), "−∞");
  assert.equal(inCell(grid, 1, null), "");
  assert.equal(inCell(grid, 1, 0.125), "0.125");
  assert.equal(inCell(grid, 1, 0.125, 2), "0.13");
});

test("a ring and a badge are said", () => {
  assert.equal(cellLabel(scene, "x", 0, null), "input, padding, row 0, column −1, value −∞");
  assert.equal(cellLabel(scene, "x", 1, null), "input, row 0, column 0, not yet made");
  assert.equal(cellLabel(scene, "x", 2, 7), "input, row 0, column 1, value 7, winner");
  assert.equal(sentence(scene, "forward", "x", 0, {}), "input x[0,−1] = −∞, padding. It meets 0 outputs.");
  assert.equal(sentence(scene, "forward", "x", 2, {}), "input x[0,1] = 7, winner. It meets 1 output.");
});

test("a badge lies in the corner of its cell", () => {
  assert.equal(corners([], 4), "");
  assert.equal(corners([5], 4), "M59 31v9l-9 -9z");
});
