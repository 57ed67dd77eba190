// node --test: who meets whom, on lists small enough to count by hand.
import assert from "node:assert/strict";
import test from "node:test";

import { expand, indices, inner, isInner, marks, meetingsOf, move, prepare, shown, slice, soFar, terms, touched } from "../../../lessonconv/explore/page/meetings.mjs";

// A row of 4 inputs, 2 taps, 3 outputs: output i and tap k meet at input i + k. One cell of padding in front.
const message = {
  grids: {
    x: { role: "in", rows: 1, columns: 5, size: [1, 4], before: [0, 1], values: [0, 1, 2, 3, 4], stack: [], meets: "meet", sum: "dx" },
    w: { role: "tap", rows: 1, columns: 2, size: [1, 2], before: [0, 0], values: [10, 1, -1, 5], stack: ["f"], meets: "meet", sum: null },
    z: { role: "out", rows: 1, columns: 4, size: [1, 4], before: [0, 0], values: [1, 12, 23, 34, 5, 9, 13, 17], stack: ["f"], meets: "meet", sum: "z" },
    dz: { role: "out", rows: 1, columns: 4, size: [1, 4], before: [0, 0], values: [1, 0, 2, 0, 0, 1, 0, 0], stack: ["f"], meets: "meet", sum: "z" },
    dx: { role: "in", rows: 1, columns: 5, size: [1, 4], before: [0, 1], values: [10, 0, 25, 2, 0], stack: [], meets: "meet", sum: "dx" },
    extra: { role: "in", rows: 1, columns: 5, size: [1, 4], before: [0, 1], values: [0, 0, 0, 0, 0], stack: [], meets: "meet", sum: null },
    turned: { role: "turned", rows: 1, columns: 2, size: [1, 2], before: [0, 0], values: [1, 10, 5, -1], stack: ["f"], meets: "meet", sum: null },
  },
  meets: { meet: { roles: { out: [[0], [0, 0, 1, 1, 2, 2, 3, 3], 4], tap: [[0], [0, 1, 0, 1, 0, 1, 0, 1], 2], in: [[0], [0, 1, 1, 2, 2, 3, 3, 4], 5] }, factor: null } },
  sums: { z: { makes: "z", of: ["w", "x"], meets: "meet", over: null, how: "sum" }, dx: { makes: "dx", of: ["dz", "w"], meets: "meet", over: "f", how: "sum" } },
  plays: { forward: { leads: "z", fills: ["z"], adds: null, grids: [], sums: {} }, scatter: { leads: "dz", fills: [], adds: "dx", grids: ["extra"], sums: {} } },
  links: [["turned", "tap", [1, 0]]],
  extras: ["extra"],
  stacks: { f: 2 },
};
const scene = prepare(message);

test("a list of rows and columns is their product, row by row", () => {
  const { cells, count } = expand({ roles: { out: [[0, 1], [0, 1, 2], 3], tap: [[5, 6], [7, 8, 9], 10] }, factor: null });
  assert.equal(count, 6);
  assert.deepEqual([...cells.out], [0, 1, 2, 3, 4, 5]);
  assert.deepEqual([...cells.tap], [57, 58, 59, 67, 68, 69]);
});

test("the meetings of a cell are found, and none for a cell that has none", () => {
  assert.deepEqual([...meetingsOf(scene.meets.meet, "in", 1)], [1, 2]);
  assert.deepEqual([...meetingsOf(scene.meets.meet, "out", 3)], [6, 7]);
  assert.deepEqual([...meetingsOf(scene.meets.meet, "in", 99)], []);
  assert.deepEqual([...meetingsOf(expand({ roles: { out: [[], [], 1] }, factor: null }), "out", 0)], []);
});

test("a cell touches its partners, and what these stand for", () => {
  assert.deepEqual(touched(scene, "meet", "in", 1), { in: [1], out: [0, 1], tap: [1, 0], turned: [0, 1] });
  assert.deepEqual(touched(scene, "meet", "tap", 0).turned, [1]);
});

test("marks tell the partners of the sum from the others, and leave out what is not shown", () => {
  const found = marks(scene, "forward", "x", 2);
  assert.deepEqual(found.x, ["self", [2]]);
  assert.deepEqual(found.dz, ["meet", [1, 2]]);
  assert.deepEqual(found.z, ["link", [1, 2]]);
  assert.equal(found.extra, undefined);
  assert.deepEqual(marks(scene, "scatter", "x", 2).extra, ["link", [2]]);
});

test("a sum runs over the slices of a stack, and leaves padding out", () => {
  const names = (sum, cell, at) => terms(scene, scene.sums[sum], cell, at).map(({ parts }) => parts.map(({ name, at, cell }) => `${name}${at.f}.${cell}`).join(" "));
  assert.deepEqual(names("dx", 1, { f: 0 }), ["dz0.0 w0.1", "dz0.1 w0.0", "dz1.0 w1.1", "dz1.1 w1.0"]);
  assert.deepEqual(names("z", 0, { f: 0 }), ["w0.1 x0.1"]);
});

test("a scattered sum grows to the whole", () => {
  const sum = scene.sums.dx, all = [0, 1, 2, 3];
  assert.deepEqual(soFar(scene, sum, "out", all, { f: 1 }), [10, 0, 25, 2, 0]);
  assert.deepEqual(soFar(scene, sum, "out", [0], { f: 0 }), [10, 1, 0, 0, 0]);
  assert.deepEqual(shown(scene, "scatter", "dx", 0, { f: 0 }), [10, 1, 0, 0, 0]);
});

test("at rest everything is there; in a play, what is to come is blank", () => {
  assert.deepEqual(shown(scene, "forward", "z", null, { f: 1 }), [5, 9, 13, 17]);
  assert.deepEqual(shown(scene, "forward", "z", 1, { f: 0 }), [1, 12, null, null]);
  assert.deepEqual(shown(scene, "forward", "x", 1, { f: 0 }), [0, 1, 2, 3, 4]);
});

test("indices count from the first cell that is not padding", () => {
  const grid = { rows: 4, columns: 5, before: [1, 2], size: [2, 3] };
  assert.deepEqual(indices(grid, 0), [-1, -2]);
  assert.deepEqual(inner(grid), [7, 8, 9, 12, 13, 14]);
  assert.deepEqual([0, 7, 9, 10, 14, 19].map((cell) => isInner(grid, cell)), [false, true, true, false, true, false]);
  assert.equal(slice({ stacks: { f: 3, c: 4 } }, { stack: ["f", "c"] }, { f: 2, c: 1 }), 9);
});

test("arrows stop at the edges", () => {
  assert.deepEqual(["ArrowUp", "ArrowLeft", "ArrowDown", "ArrowRight"].map((key) => move(key, 0, 3, 4)), [0, 0, 4, 1]);
  assert.deepEqual(["Home", "End", "PageUp", "PageDown"].map((key) => move(key, 5, 3, 4)), [4, 7, 1, 9]);
  assert.deepEqual([move("Home", 5, 3, 4, true), move("End", 5, 3, 4, true), move("a", 5, 3, 4)], [0, 11, null]);
});
