// node --test: the sides of cells, in em, for grids that share a page.
import assert from "node:assert/strict";
import test from "node:test";

import { cellSizes } from "../../../lessonconv/explore/page/layout.mjs";

const grid = (columns, place, title = "grid", spans = [1, 1]) => ({ label: "x", title, size: [1, columns], columns, place, spans, stack: [] });
const sizes = (grids, width) => cellSizes({ grids, stacks: {} }, Object.keys(grids), {}, width);

test("what fits is drawn large", () => {
  assert.deepEqual(sizes({ x: grid(7, [0, 0]), w: grid(3, [0, 1]) }, 60), { x: 2.05, w: 2.05 });
});

test("wide grids share what small ones and captions leave, and all that stand below each other fit", () => {
  const found = sizes({ x: grid(28, [0, 0]), w: grid(3, [0, 1], "a kernel"), z: grid(26, [0, 2]), dx: grid(28, [1, 0]) }, 60);
  assert.equal(found.w, 2.05);
  assert.equal(found.x, found.z);
  assert.equal(found.x, found.dx);
  assert.ok(28 * found.x + 26 * found.z + 10 <= 60 && found.x > 0.8, String(found.x));
});

test("a column that shrinks below its caption gives the room that it has no use for", () => {
  const words = "a caption that is rather long";
  const found = sizes({ x: grid(12, [0, 0], words), y: grid(12, [0, 1], words), z: grid(40, [0, 2]) }, 70);
  assert.ok(12 * found.x <= 0.58 * (words.length + 10));
  assert.ok(2 * 0.58 * (words.length + 6) + 40 * found.z <= 70, JSON.stringify(found));
});

test("a grid across the page has its whole width, and no cell is smaller than can be seen", () => {
  const found = sizes({ x: grid(4, [0, 0]), T: grid(25, [1, 0], "matrix", [1, 4]) }, 40);
  assert.ok(25 * found.T <= 40 && found.x === 2.05);
  assert.equal(sizes({ x: grid(400, [0, 0]) }, 40).x, 0.55);
});
