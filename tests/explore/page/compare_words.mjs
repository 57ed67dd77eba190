// node compare_words.mjs TABLE: does the page say of each cell and each number what Python's pictures say?
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { level } from "../../../lessonconv/explore/page/grid.mjs";
import { prepare } from "../../../lessonconv/explore/page/meetings.mjs";
import { number } from "../../../lessonconv/explore/page/numbers.mjs";
import { caption, inCell, inText, sentence, share, story } from "../../../lessonconv/explore/page/words.mjs";

const { scenes, numbers } = JSON.parse(readFileSync(process.argv[2], "utf8"));
for (const { value, said, short, as_share } of numbers)
  assert.deepEqual([number(value), inCell({}, 0, value, 2), share(value)], [said, short, as_share], String(value));
for (const { value, strength } of numbers)
  assert.equal(level(value, 7), strength === 0 ? "z" : `${strength > 0 ? "p" : "n"}${Math.abs(strength)}`, `level of ${value}`);
for (const { scene: message, at, titles, told } of scenes) {
  const scene = prepare(message);
  for (const name in titles) assert.equal(caption(scene, name, at), titles[name]);
  for (const { mode, name, cell, words } of told) {
    const tale = story(scene, mode, name, cell, at), where = `${mode}: ${name}, cell ${cell}`;
    assert.equal(sentence(scene, mode, name, cell, at) + (tale ? ` ${inText(tale)}.` : ""), words, where);
  }
}
