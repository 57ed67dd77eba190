// node window.mjs TABLE: does a scene's list hold the meetings that Python's Window lists, and the padding besides?
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { isInner, prepare } from "../../../lessonconv/explore/page/meetings.mjs";

for (const { scene: message, meetings } of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  const scene = prepare(message), { cells, count } = scene.meets.meet, found = [];
  for (let n = 0; n < count; n++)
    if (isInner(scene.grids.x, cells.in[n])) found.push([cells.out[n], cells.tap[n], cells.in[n]]);
  found.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
  assert.deepEqual(found, meetings);
  assert.equal(count, scene.grids.z.rows * scene.grids.z.columns * scene.grids.w.rows * scene.grids.w.columns);
}
