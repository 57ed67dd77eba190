// node --test: where things stand in a chart.
import assert from "node:assert/strict";
import test from "node:test";

import { apart, line, manner, nearest, powers, scale, slid, tangent, ticks } from "../../../lessonconv/explore/page/axes.mjs";
import { tenTo } from "../../../lessonconv/explore/page/numbers.mjs";

test("ticks are round and inside", () => {
  assert.deepEqual(ticks(0, 1, 4), [0, 0.5, 1]);
  assert.deepEqual(ticks(0, 0.79, 4), [0, 0.2, 0.4, 0.6]);
  assert.deepEqual(ticks(0.7, 1, 4), [0.7, 0.8, 0.9, 1]);
  assert.deepEqual(ticks(0, 10, 8), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(ticks(-0.25, 1.25, 6), [0, 0.5, 1]);
  for (const high of [1e-6, 0.3, 7, 12345]) {
    const found = ticks(0, high, 4);
    assert.ok(found.length >= 2 && found.length <= 6 && found.at(-1) <= high * (1 + 1e-9));
  }
});

test("powers of ten are few, evenly spaced and inside", () => {
  assert.deepEqual(powers(1e-3, 10), [-3, -2, -1, 0, 1]);
  assert.deepEqual(powers(2e-3, 9), [-2, -1, 0]);
  assert.deepEqual(powers(1e-16, 1, 8), [-16, -14, -12, -10, -8, -6, -4, -2, 0]);
});

test("a power of ten is written with a small number above", () => {
  assert.deepEqual([0, 7, -16].map(tenTo), ["10⁰", "10⁷", "10⁻¹⁶"]);
});

test("labels are moved apart and keep their order", () => {
  assert.deepEqual(apart([10, 50], 15), [10, 50]);
  const [upper, lower] = apart([20, 22], 15);
  assert.ok(lower - upper > 14.9 && upper < lower);
});

test("a scale goes from one end to the other, either way up, in steps or in factors", () => {
  const down = scale({ low: -1, high: 1 }, 100, 0);
  assert.deepEqual([-1, 0, 1, 2].map(down), [100, 50, 0, -50]);
  const decades = scale({ low: 1e-4, high: 1, log: true }, 0, 40);
  assert.deepEqual([1e-4, 1e-3, 1].map((value) => Math.round(decades(value))), [0, 10, 40]);
});

test("what has no place has none", () => {
  assert.equal(scale({ low: 0, high: 1 }, 0, 1)(null), null);
  for (const value of [0, -1, null]) assert.equal(scale({ low: 1e-4, high: 1, log: true }, 0, 1)(value), null);
});

test("the nearest place is found, at the ends too", () => {
  assert.deepEqual([-9, 0, 4.9, 5.1, 99].map((place) => nearest([0, 5, 10], place)), [0, 0, 1, 1, 2]);
});

test("a line is torn where there is no value, and after a break", () => {
  assert.equal(line([0, 1, 2, 3], [5, 6, null, 7]), "M0.0 5.0L1.0 6.0M3.0 7.0");
  assert.equal(line([0, 1, 2], [5, 6, 7], [1]), "M0.0 5.0L1.0 6.0M2.0 7.0");
});

test("a tangent has its slope and its length, with its middle in place", () => {
  const [[x0, y0], [x1, y1]] = tangent([10, 20], -3, 50);
  assert.ok(Math.abs((y1 - y0) / (x1 - x0) + 3) < 1e-12 && Math.abs(Math.hypot(x1 - x0, y1 - y0) - 50) < 1e-9);
  assert.deepEqual([(x0 + x1) / 2, (y0 + y1) / 2], [10, 20]);
});

test("the keys of a slider move it and stop at the ends", () => {
  const to = (key, from = 5) => slid(key, from, 20);
  assert.deepEqual(["ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown"].map((key) => to(key)), [6, 6, 4, 4]);
  assert.deepEqual([to("PageUp"), to("PageDown"), to("Home"), to("End"), to("ArrowLeft", 0)], [15, 0, 0, 19, 0]);
  for (const key of ["Tab", "Enter", "a", " "]) assert.equal(to(key), null);
});

test("five curves differ in shape and dashes", () => {
  const all = [0, 1, 2, 3, 4].map(manner);
  for (const what of ["shape", "dash"]) assert.equal(new Set(all.map((one) => one[what])).size, 5);
});
