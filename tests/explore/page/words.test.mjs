// node --test: how numbers, cells and sums read.
import assert from "node:assert/strict";
import test from "node:test";

import { factor, number } from "../../../lessonconv/explore/page/numbers.mjs";
import { counted, inText, listed, share } from "../../../lessonconv/explore/page/words.mjs";
import { level, outline, ticks } from "../../../lessonconv/explore/page/grid.mjs";
import { both, folded } from "../../../lessonconv/explore/page/settings.mjs";
import { after, before, pause } from "../../../lessonconv/explore/page/player.mjs";

test("numbers are short, with a true minus, and never −0", () => {
  assert.deepEqual([0, -0, 7, -13, 12345, 0.5, -0.125, 1 / 3, 123456, null].map(number), ["0", "0", "7", "−13", "12345", "0.5", "−0.125", "0.333", "123000", ""]);
  assert.deepEqual([3, -3].map(factor), ["3", "(−3)"]);
  assert.deepEqual([0.5, 0.25, 1 / 3, 0.3, -0.5].map(share), ["1/2", "1/4", "1/3", "0.3", "(−0.5)"]);
});

test("counts and lists read like language", () => {
  assert.equal(counted(1, ["tap", "taps"]), "1 tap");
  assert.equal(counted(0, ["tap", "taps"]), "0 taps");
  assert.equal(listed(["a", "b", "c"]), "a, b and c");
  assert.equal(listed(["a"]), "a");
});

test("a sum in one line, with what is left out, and an empty one", () => {
  const term = { symbols: [["w[0]", "w"], ["x[1]", "x"]], numbers: ["2", "(−3)"], factor: "" };
  assert.equal(inText({ head: "z[0]", terms: [term], hidden: 2, total: "−6", how: "sum" }), "z[0] = w[0]·x[1] + … (2 more) = 2·(−3) + … (2 more) = −6");
  assert.equal(inText({ head: "z[0]", terms: [], hidden: 0, total: "0", how: "sum" }), "z[0] = 0: no cells meet");
  assert.equal(inText({ head: "dz[0]", terms: [{ ...term, symbols: [["dx[3]", "dx"]] }, term], hidden: 0, total: "2", how: "stamp" }), "dz[0] adds 2·(−3) to dx[3] and 2·(−3) to w[0]");
  const one = { symbols: [["x[1]", "x"]], numbers: ["4"], factor: "1/2" };
  assert.equal(inText({ head: "z[0]", terms: [one, one], hidden: 0, total: "4", how: "max" }), "z[0] = max(x[1]·1/2, x[1]·1/2) = max(4·1/2, 4·1/2) = 4");
});

test("a cell's shade has the value's sign, and is full for the largest", () => {
  assert.deepEqual([null, 0, 6, 1, -6, -0.1].map((value) => level(value, 6)), ["blank", "z", "p6", "p1", "n6", "n1"]);
  assert.equal(level(0, 0), "z");
});

test("outlines lie on their cells", () => {
  assert.equal(outline([0, 4], 3, 2), "M2 2h26v26h-26zM32 32h26v26h-26z");
});

test("indices are few where there are many cells", () => {
  assert.deepEqual(ticks(4, 1, 2), [-1, 0, 1, 2]);
  assert.deepEqual(ticks(28, 2, 24), [0, 5, 10, 15, 20]);
});

test("one slider is both axes", () => {
  assert.deepEqual([both(3), both([1, 2])], [[3, 3], [1, 2]]);
  assert.deepEqual([folded([4, 4], true), folded([4, 4], false)], [4, [4, 4]]);
});

test("a play goes round, and rest comes before its first step", () => {
  assert.deepEqual([after(null, 3), after(0, 3), after(2, 3)], [0, 1, 0]);
  assert.deepEqual([before(null, 3), before(0, 3), before(2, 3)], [2, null, 1]);
  assert.ok(pause(9) === 700 && pause(900) < 50);
});
