// node compare.mjs TABLE: does the page see in each scene, at each step, what Python sees?
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { inner, marks, prepare, shown, visible } from "../../../lessonconv/explore/page/meetings.mjs";

for (const { scene: message, at, steps } of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  const scene = prepare(message);
  for (const { mode, step, values, marks: expected } of steps) {
    const where = `${mode}, step ${step}`, lead = scene.plays[mode].leads;
    assert.deepEqual(visible(scene, mode).sort(), Object.keys(values).sort(), where);
    for (const name in values) {
      const found = shown(scene, mode, name, step, at).map((value) => (value === null ? null : Number(value.toFixed(6)) + 0));
      assert.deepEqual(found, values[name], `${where}: values of ${name}`);
    }
    const found = step === null ? {} : marks(scene, mode, lead, inner(scene.grids[lead])[step]);
    for (const name in found) found[name] = { [found[name][0]]: [...found[name][1]].sort((a, b) => a - b) };
    assert.deepEqual(found, expected, `${where}: marks`);
  }
}
