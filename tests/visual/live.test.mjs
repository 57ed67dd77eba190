// node --test: the pure parts of live.mjs, and its drawing on a page made of plain objects.
import assert from "node:assert/strict";
import test from "node:test";

import widget, { apart, number, range, sentence, ticks } from "../../lessonconv/visual/live.mjs";

test("ticks are round and inside", () => {
  assert.deepEqual(ticks(0, 1, 4), [0, 0.5, 1]);
  assert.deepEqual(ticks(0, 0.79, 4), [0, 0.2, 0.4, 0.6]);
  assert.deepEqual(ticks(0.7, 1, 4), [0.7, 0.8, 0.9, 1]);
  assert.deepEqual(ticks(1, 10, 8), [2, 4, 6, 8, 10]);
  for (const high of [1e-6, 0.3, 7, 12345]) {
    const found = ticks(0, high, 4);
    assert.ok(found.length >= 2 && found.length <= 6 && found.at(-1) <= high * (1 + 1e-9));
  }
});

test("loss begins at 0, accuracy ends at 1", () => {
  assert.deepEqual(range([], false), [0, 1]);
  assert.deepEqual(range([0, 0], false), [0, 1]);
  assert.equal(range([2, 1], false)[0], 0);
  assert.ok(range([2, 1], false)[1] > 2);
  const [low, high] = range([0.93, 0.99], true);
  assert.ok(low < 0.93 && low >= 0 && high === 1);
  assert.equal(range([0.01], true)[0], 0);
});

test("labels are moved apart and keep their order", () => {
  assert.deepEqual(apart([10, 50], 15), [10, 50]);
  const [upper, lower] = apart([20, 22], 15);
  assert.ok(lower - upper > 14.9 && upper < lower);
});

test("the sentence says where the training is", () => {
  assert.equal(sentence([], 10), "Waiting for the first of 10 epochs …");
  assert.equal(sentence([], 0), "Waiting for the first epoch …");
  const rows = [[1, 0.5, 0.8, 0.4, 0.9, 2], [2, 0.25, 0.875, 0.3, 0.95, 3]];
  assert.equal(
    sentence(rows, 4),
    "Epoch 2 of 4 · training loss 0.250, accuracy 87.5% · test loss 0.300, accuracy 95.0% · about 5\u00a0s left",
  );
  assert.equal(sentence([[3, 0.5, 0.8, null, null, 1]], 0), "Epoch 3 · training loss 0.500, accuracy 80.0%");
  assert.equal(sentence([[1, null, 0.8, null, null, 1]], 1), "Epoch 1 of 1");
  assert.equal(number(0.98765, true), "98.8%");
});

class Node {
  constructor(name) { Object.assign(this, { name, attributes: {}, children: [], dataset: {}, textContent: "" }); }
  classList = { add: (name) => (this.className = name) };
  setAttribute(key, value) { this.attributes[key] = String(value); }
  append(...nodes) { this.children.push(...nodes); }
  replaceChildren(...nodes) { this.children = nodes; }
  all(name) { return this.children.flatMap((node) => [...(node.name === name ? [node] : []), ...node.all(name)]); }
}
globalThis.document = { createElement: (name) => new Node(name), createElementNS: (_, name) => new Node(name) };

function page(state) {
  const heard = {};
  const model = {
    get: (key) => state[key],
    on: (names, f) => names.split(" ").forEach((name) => (heard[name] = f)),
    off: (names) => names.split(" ").forEach((name) => delete heard[name]),
  };
  const el = new Node("div"), leave = widget.render({ model, el });
  return { el, heard, leave, set(key, value) { state[key] = value; heard[`change:${key}`](); } };
}

test("an empty page has axes, and says what it waits for", () => {
  const { el } = page({ rows: [], epochs: 5 });
  assert.equal(el.all("svg").length, 2);
  assert.equal(el.all("polyline").length, 0);
  assert.match(el.all("svg")[0].attributes["aria-label"], /^loss, in nats against epoch. Waiting/);
  assert.ok(el.all("text").some((text) => text.textContent === 5), "the last of the planned epochs is on the axis");
});

test("each epoch adds a point to each line, and the names stand at the ends", () => {
  const { el, set } = page({ rows: [], epochs: 3 });
  set("rows", [[1, 0.5, 0.8, 0.4, 0.9, 1]]);
  set("rows", [[1, 0.5, 0.8, 0.4, 0.9, 1], [2, 0.25, 0.9, 0.3, 0.95, 1]]);
  assert.equal(el.dataset.seq, 2);
  const lines = el.all("polyline");
  assert.deepEqual(lines.map((line) => line.attributes.class), ["training", "test", "training", "test"]);
  for (const line of lines) assert.equal(line.attributes.points.split(" ").length, 2);
  const words = el.all("text").map((text) => text.textContent);
  for (const word of ["training 0.250", "test 0.300", "training 90.0%", "test 95.0%"]) assert.ok(words.includes(word));
  assert.ok(el.all("svg").every((svg) => !JSON.stringify(svg).includes("NaN")));
});

test("a training without a test set, or with a loss that is not finite, is drawn as far as it goes", () => {
  const { el } = page({ rows: [[1, 0.5, 0.8, null, null, 1], [2, null, 0.1, null, null, 1]], epochs: 0 });
  const lines = el.all("polyline");
  assert.deepEqual(lines.map((line) => line.attributes.class), ["training", "training"]);
  assert.equal(lines[0].attributes.points.split(" ").length, 1);
});

test("more epochs than planned make the axis longer", () => {
  const { el } = page({ rows: Array.from({ length: 12 }, (_, k) => [k + 1, 1, 0.5, 1, 0.5, 1]), epochs: 5 });
  const at = el.all("circle").map((circle) => circle.attributes.cx);
  assert.ok(Math.max(...at) <= 360);
});

test("a page that is left hears nothing more", () => {
  const { heard, leave } = page({ rows: [], epochs: 1 });
  assert.equal(Object.keys(heard).length, 2);
  leave();
  assert.equal(Object.keys(heard).length, 0);
});
