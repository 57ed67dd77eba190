// node --test: the pure parts of training.mjs, and its page made of plain objects.
import assert from "node:assert/strict";
import test, { mock } from "node:test";

import widget, { number, pixels, place, range, standing, unanswered } from "../../../lessonconv/explore/page/training.mjs";

const PLAN = { epochs: 4, steps: 63 };
const ROWS = [[1, 0.5, 0.8, 0.4, 0.9, 2], [2, 0.25, 0.875, 0.3, 0.95, 3]];

test("loss begins at 0, accuracy ends at 1", () => {
  assert.deepEqual(range([], false), [0, 1]);
  assert.deepEqual(range([0, 0], false), [0, 1]);
  assert.equal(range([2, 1], false)[0], 0);
  assert.ok(range([2, 1], false)[1] > 2);
  const [low, high] = range([0.93, 0.99], true);
  assert.ok(low < 0.93 && low >= 0 && high === 1);
  assert.equal(range([0.01], true)[0], 0);
});

test("the standing is said in words that change once an epoch", () => {
  const scene = { rows: ROWS, so_far: [5, 0.2, 0.9] };
  assert.equal(
    standing(PLAN, scene, ["running", ""]),
    "Epoch 2 of 4 · training loss 0.250, accuracy 87.5% · test loss 0.300, accuracy 95.0% · about 5\u00a0s left",
  );
  assert.equal(standing(PLAN, { ...scene, so_far: [6, 0.1, 0.9] }, ["running", ""]), standing(PLAN, scene, ["running", ""]));
  assert.match(standing(PLAN, scene, ["stopped", "No such luck."]), /^No such luck. Epoch 2 of 4 · .* 95.0%$/);
  assert.match(standing(PLAN, scene, ["stopping", ""]), /^It stops after the step under way. Epoch 2/);
  assert.match(standing({ epochs: 2, steps: 63 }, scene, ["done", ""]), /^Done: epoch 2 of 2 · /);
  assert.equal(standing(PLAN, { rows: [] }, ["running", ""]), "In the first of 4 epochs.");
  assert.equal(standing(PLAN, { rows: [] }, ["ready", ""]), "Not begun yet.");
  assert.equal(standing(PLAN, { rows: [[1, null, 0.8, null, null, 1]] }, ["done", ""]), "Done: epoch 1 of 4");
  assert.equal(number(0.98765, true), "98.8%");
});

test("the place within the epoch is said apart", () => {
  assert.equal(place(PLAN, { rows: ROWS, so_far: [14, 0.2, 0.9] }), "epoch 3, step 14 of 63, loss so far 0.200");
  assert.equal(place(PLAN, { rows: ROWS, so_far: [14, null, 0.9] }), "epoch 3, step 14 of 63");
  assert.equal(place(PLAN, { rows: ROWS, so_far: null }), "");
});

test("no answer is told apart: a kernel that does not listen from one that says nothing", () => {
  assert.match(unanswered(true), /stop button, ■/);
  assert.match(unanswered(false), /does not answer/);
});

/** A ramp whose tone t is the colour (name, t, 0, 255). */
function ramp(name) {
  const tones = new Uint8ClampedArray(4 * 128);
  for (let t = 0; t < 128; t++) tones.set([name, t, 0, 255], 4 * t);
  tones.ink = [[1, 1, 1, 255], [2, 2, 2, 255]];
  return tones;
}
const RAMPS = { negative: ramp(10), positive: ramp(20) };
const PACK = { cells: Int8Array.of(0, 1, 2, 3, /* the second panel */ 127, -127, 0, -1), shape: [2, 2, 2], limit: 1 };

test("a cell is one pixel of its tone", () => {
  assert.deepEqual([...pixels(PACK, 0, RAMPS)], [20, 0, 0, 255, 20, 1, 0, 255, 20, 2, 0, 255, 20, 3, 0, 255]);
  assert.deepEqual([...pixels(PACK, 1, RAMPS)], [20, 127, 0, 255, 10, 127, 0, 255, 20, 0, 0, 255, 10, 1, 0, 255]);
});

test("a smaller pack is scaled to the range of the larger", () => {
  assert.equal(pixels(PACK, 1, RAMPS, 1, false, 0.5)[1], 64);
});

test("negative cells, and only these, have a bar in an ink that shows on their tone", () => {
  const size = 14, width = 2 * size, data = pixels(PACK, 1, RAMPS, size, true);
  const at = (row, column) => [...data.slice(4 * (row * width + column), 4 * (row * width + column) + 4)];
  assert.deepEqual(at(7, 7), [20, 127, 0, 255]); // positive
  assert.deepEqual(at(7, 7 + size), [2, 2, 2, 255]); // strongly negative: paper on it
  assert.deepEqual(at(7 + size, 7 + size), [1, 1, 1, 255]); // faintly: ink
  assert.deepEqual(at(0, size), [10, 127, 0, 255]);
  assert.equal(data.length, 4 * width * width);
});

// A page

class Node {
  constructor(name) {
    Object.assign(this, { name, attributes: {}, children: [], dataset: {}, style: {}, textContent: "", listeners: {} });
    this.classList = { add: (one) => (this.className = one) };
  }
  setAttribute(key, value) { this.attributes[key] = String(value); }
  getAttribute(key) { return this.attributes[key] ?? null; }
  addEventListener(kind, f) { this.listeners[kind] = f; }
  removeEventListener(kind) { delete this.listeners[kind]; }
  append(...nodes) { this.children.push(...nodes); }
  replaceChildren(...nodes) { this.children = nodes; }
  getContext() {
    return { fillRect() {}, getImageData: (x, y, w, h) => ({ data: new Uint8ClampedArray(4 * w * h) }), putImageData: (image) => (this.image = image) };
  }
  all(name) { return this.children.flatMap((node) => [...(node.name === name ? [node] : []), ...node.all(name)]); }
}
const dark = new Node("media");
let observer;
Object.assign(globalThis, {
  window: { addEventListener() {}, removeEventListener() {} },
  document: { createElement: (name) => new Node(name), createElementNS: (_, name) => new Node(name), body: new Node("body") },
  getComputedStyle: () => ({ getPropertyValue: (name) => name }),
  matchMedia: () => dark,
  MutationObserver: class { constructor(f) { observer = this; this.changed = f; } observe() {} disconnect() { this.gone = true; } },
  ImageData: class { constructor(data, width) { Object.assign(this, { data, width }); } },
});

const pack = (shape, value) => ({ cells: new DataView(Int8Array.from({ length: shape[0] * shape[1] * shape[2] }, () => value).buffer), shape, limit: 0.5, of: shape[0] });
const DEEP = { ...PLAN, image: pack([1, 6, 6], 9), before: pack([2, 3, 3], -9), kernel: [2, 1, 3, 3], names: ["first", "Behind the second"] };
const INSIDE = { kernels: pack([2, 3, 3], 9), moved: [0.5, 0.25], maps: [pack([2, 6, 6], 5), pack([3, 4, 4], -5)] };

function page(state) {
  const heard = {}, sent = [];
  const values = { plan: PLAN, scene: { rows: [], so_far: null }, state: ["ready", ""], ...state };
  const model = { get: (key) => values[key], on: (name, f) => (heard[name] = f), off: (name) => delete heard[name], send: (wish) => sent.push(wish) };
  const el = new Node("div"), leave = widget.render({ model, el });
  const [button] = el.all("button"), status = el.all("p").find((node) => node.attributes.role === "status");
  return { el, button, status, heard, sent, model, leave, press: () => button.listeners.click(), set(key, value) { values[key] = value; heard[`change:${key}`](); } };
}

test("an empty page has axes, and says that nothing has begun", () => {
  const { el, button, status } = page({});
  assert.equal(el.all("svg").length, 2);
  assert.equal(el.all("polyline").length, 0);
  assert.equal(el.all("canvas").length, 0, "a network without a convolution has no panels");
  assert.equal(button.textContent, "Start");
  assert.equal(status.textContent, "Not begun yet.");
  assert.match(el.all("svg")[0].attributes["aria-label"], /^loss, in nats against epochs/);
});

test("each epoch adds a point to each line, and the names stand at the ends", () => {
  const { el, set } = page({ state: ["running", ""] });
  set("scene", { rows: ROWS, so_far: null });
  const lines = el.all("polyline");
  assert.deepEqual(lines.map((line) => line.attributes.class), ["training", "test", "training", "test"]);
  for (const line of lines) assert.equal(line.attributes.points.split(" ").length, 2);
  const words = el.all("text").map((text) => text.textContent);
  for (const word of ["training 0.250", "test 0.300", "training 87.5%", "test 95.0%"]) assert.ok(words.includes(word));
  assert.ok(el.all("svg").every((svg) => !JSON.stringify(svg).includes("NaN")));
});

test("the epoch under way is a ring between its ends, from the first step on", () => {
  const { el } = page({ scene: { rows: [], so_far: [21, 2.1, 0.2] } });
  const rings = el.all("circle");
  assert.deepEqual(rings.map((ring) => ring.attributes.class), ["now", "now"]);
  assert.ok(+rings[0].attributes.cx > 46 && +rings[0].attributes.cx < 46 + (420 - 46 - 104) / 4);
});

test("a training without a test set, or with a loss that is not finite, is drawn as far as it goes", () => {
  const { el } = page({ scene: { rows: [[1, 0.5, 0.8, null, null, 1], [2, null, 0.1, null, null, 1]], so_far: [3, null, 0.1] } });
  const lines = el.all("polyline");
  assert.deepEqual(lines.map((line) => line.attributes.class), ["training", "training"]);
  assert.equal(lines[0].attributes.points.split(" ").length, 1);
  assert.ok(el.all("svg").every((svg) => !JSON.stringify(svg).includes("NaN")));
});

test("kernels and maps are painted, and named as one picture each", () => {
  const { el } = page({ plan: DEEP, scene: { rows: [], so_far: null, ...INSIDE } });
  assert.equal(el.all("canvas").length, 1 + 3 * 2 + 3);
  assert.ok(el.all("canvas").every((canvas) => canvas.image.data.length === 4 * canvas.width * canvas.height));
  const labels = el.all("div").filter((node) => node.attributes.role === "img").map((node) => node.attributes["aria-label"]);
  assert.match(labels[0], /^2 kernels of 3×3, at the start and now.* Kernel 0 has moved most, by 50%/);
  assert.match(labels[1], /^Behind the second: 3 of 3 maps/);
});

test("the button says what it does, and sends it", () => {
  const { button, sent, press, set } = page({ state: ["running", ""] });
  press();
  set("state", ["stopping", ""]);
  press(); // it is asked already
  set("state", ["stopped", "Stopped."]);
  press();
  set("state", ["waiting", ""]);
  set("state", ["running", ""]);
  press();
  set("state", ["done", ""]);
  press();
  assert.deepEqual(sent, ["stop", "go on", "stop"]);
  assert.equal(button.textContent, "Done");
  assert.equal(button.attributes["aria-disabled"], "true");
});

test("without an answer it says so, once, and forgets it when one comes", () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1e6 });
  const { status, sent, press, set } = page({ state: ["running", ""] });
  press();
  press();
  assert.deepEqual(sent, ["stop"]);
  mock.timers.tick(3000);
  assert.doesNotMatch(status.textContent, /answer/);
  mock.timers.tick(2000);
  assert.equal(status.textContent, unanswered(false));
  press();
  set("scene", { rows: ROWS, so_far: [1, 1, 1] });
  mock.timers.tick(5000);
  assert.equal(status.textContent, unanswered(true));
  set("scene", { rows: ROWS, so_far: [2, 1, 1] });
  assert.equal(status.textContent, unanswered(true));
  set("state", ["stopped", "Stopped."]);
  assert.match(status.textContent, /^Stopped. Epoch 2/);
  mock.timers.reset();
});

test("a kernel that is gone is found out though sending to it throws", () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1e6 });
  const { status, model, press } = page({ state: ["stopped", "Stopped."] });
  model.send = () => { throw new Error("Cannot send"); };
  press();
  mock.timers.tick(5000);
  assert.equal(status.textContent, unanswered(false));
  mock.timers.reset();
});

test("a screen reader is told of an epoch at most every two seconds, of a new state at once", () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1e6 });
  const { status, set } = page({ state: ["running", ""] }), before = status.textContent;
  mock.timers.tick(1000);
  set("scene", { rows: ROWS.slice(0, 1), so_far: null });
  assert.equal(status.textContent, before);
  mock.timers.tick(1001);
  set("scene", { rows: ROWS, so_far: null });
  assert.match(status.textContent, /^Epoch 2/);
  set("state", ["done", ""]);
  assert.match(status.textContent, /^Done/);
  mock.timers.reset();
});

test("keys stay in the widget, except those that lead out of it", () => {
  const { el } = page({}), stopped = (event) => {
    let found = false;
    el.listeners.keydown({ ...event, stopPropagation: () => (found = true) });
    return found;
  };
  assert.ok(stopped({ key: "d" }) && stopped({ key: "ArrowDown" }) && stopped({ key: "Enter" }));
  for (const event of [{ key: "Escape" }, { key: "Enter", shiftKey: true }, { key: "s", ctrlKey: true }, { key: "s", metaKey: true }])
    assert.ok(!stopped(event));
});

test("another theme is another drawing", () => {
  const { el } = page({}), before = el.dataset.seq;
  observer.changed();
  dark.listeners.change();
  assert.equal(el.dataset.seq, before + 2);
});

test("a page that is left hears nothing more", () => {
  const { heard, leave } = page({});
  assert.equal(Object.keys(heard).length, 2);
  leave();
  assert.equal(Object.keys(heard).length, 0);
  assert.ok(observer.gone && !dark.listeners.change);
});
