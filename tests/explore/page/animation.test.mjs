import assert from "node:assert/strict";
import test from "node:test";

import { away, between } from "../../../lessonconv/explore/page/animation.mjs";

test("on the way forward only what is new is painted", () => {
  assert.deepEqual(between(2, 3), [3]);
  assert.deepEqual(between(0, 3), [1, 2, 3]);
  assert.deepEqual(between(3, 3), []);
});

test("the first painting, and a way back, start from the first frame", () => {
  assert.deepEqual(between(-1, 2), [0, 1, 2]);
  assert.deepEqual(between(5, 2), [0, 1, 2]);
});

test("steps go round", () => {
  assert.equal(away(3, 1, 4), 0);
  assert.equal(away(0, -1, 4), 3);
  assert.equal(away(0, 1, 1), 0);
});
