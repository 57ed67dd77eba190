// node --test: a chart laid out, and what is said of a place in it.
import assert from "node:assert/strict";
import test from "node:test";

import { laidOut, numbersAt, saidAt } from "../../../lessonconv/explore/page/curves.mjs";
import { filled, told } from "../../../lessonconv/explore/page/numbers.mjs";

const CHART = {
  x: { low: 0, high: 2, log: false, series: "t" },
  y: { low: 0, high: 10, log: false },
  series: { t: [0, 1, 2], one: [0, 5, 10], other: [-1, null, 9.9] },
  curves: [{ series: "one", name: "one", breaks: [] }, { series: "other", name: "the other", breaks: [] }],
  says: ["{t} gives {one}.", "2 · {(other)}"],
  remarks: [[0, 1, "Early."], [2, 2, "At the end."]],
};

test("curves lie in their box, and make room for the longest name", () => {
  const { box, xs, curves } = laidOut(CHART, 600, 300);
  assert.deepEqual([xs[0], xs[2]], [box.left, box.right]);
  assert.deepEqual([curves[0].ys[0], curves[0].ys[2]], [box.bottom, box.top]);
  assert.ok(600 - box.right > "the other".length * 7 && box.right > 400);
});

test("names stand at the curves' ends, apart, and inside", () => {
  const { box, curves } = laidOut(CHART, 600, 300);
  assert.ok(Math.abs(curves[0].label - curves[1].label) > 16);
  assert.ok(curves.every(({ end }) => end >= box.top && end <= box.bottom));
});

test("very small and very large numbers have a power of ten", () => {
  const written = [0, -0.25, 0.001, 0.000999, -1e-8, 1e-8, 123456, -1.005e-12, null].map(told);
  assert.deepEqual(written, ["0", "\u22120.25", "0.001", "9.99·10⁻⁴", "\u221210⁻⁸", "10⁻⁸", "1.23·10⁵", "\u22121.01·10⁻¹²", "undefined"]);
});

test("a sentence takes its numbers, and a factor its brackets", () => {
  assert.equal(filled("{a} · {(b)} = {c}", { a: -2, b: -0.5, c: null }), "\u22122 · (\u22120.5) = undefined");
  assert.deepEqual(saidAt(CHART, 0), ["0 gives 0.", "2 · (\u22121)", "Early."]);
  assert.deepEqual(saidAt(CHART, 1), ["1 gives 5.", "2 · undefined", "Early."]);
  assert.deepEqual(saidAt(CHART, 2), ["2 gives 10.", "2 · 9.9", "At the end."]);
  assert.deepEqual(numbersAt(CHART, 2), { t: 2, one: 10, other: 9.9 });
});
