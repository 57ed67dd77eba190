// node compare_curves.mjs TABLE: the page says of every place of a chart what Python says.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { saidAt } from "../../../lessonconv/explore/page/curves.mjs";

for (const { chart, said } of JSON.parse(readFileSync(process.argv[2], "utf-8"))) {
  said.forEach((words, place) => assert.deepEqual(saidAt(chart, place), words, `${chart.title}, place ${place}`));
}
