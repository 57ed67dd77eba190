import assert from "node:assert/strict";
import { test } from "node:test";
import { replyTo, typed } from "../../lessonconv/exercises/prediction.mjs";

test("numbers as people write them", () => {
  const written = { "3": 3, " 3 ": 3, "-0.5": -0.5, "−0.5": -0.5, "+2": 2, ".5": 0.5, "3.": 3, "1/2": 0.5, "-1 / 4": -0.25, "1e-3": 0.001, "0": 0, "007": 7 };
  for (const [text, value] of Object.entries(written)) assert.deepEqual(typed(text), { value }, text);
});

test("what is no number gets a sentence that quotes it", () => {
  for (const text of ["four", "4 4", "1/2/3", "0x10", "Infinity", "NaN", "4x4", "--4", "4 products", "-", ".", "/", "1/", "𝟛"])
    assert.equal(typed(text).sentence, `“${text}” is not a number; write one like 3, −0.5 or 1/2.`);
  for (const text of ["1/0", "0/0", "1e999"]) assert.match(typed(text).sentence, /is not a finite number/);
  for (const text of ["0,5", "1,000", "11,274.5", "−2,303"]) assert.match(typed(text).sentence, /has a comma: write a point/);
  for (const text of ["", "  "]) assert.match(typed(text).sentence, /Write a number first/);
  assert.equal(typed("x".repeat(1000)).sentence.length < 100, true);
});

const CHOICE = { kind: "choice", options: [{ text: "a", reply: "A.", right: false }, { text: "b", reply: "B.", right: true }], answer_in_words: "b.", explanation: "E." };
const NUMBER = { kind: "number", answer: 2, within: 0.1, wrong: [[3, "Three."]], answer_in_words: "2.", explanation: "E." };

test("a reply names the thought, the answer and the reason", () => {
  assert.deepEqual(replyTo(CHOICE, 0), { verdict: "wrong", paragraphs: ["Not quite.", "A.", "The answer: b.", "E."] });
  assert.deepEqual(replyTo(CHOICE, 1), { verdict: "right", paragraphs: ["Right.", "B.", "E."] });
  assert.deepEqual(replyTo(NUMBER, 2.05), { verdict: "right", paragraphs: ["Right.", "E."] });
  assert.deepEqual(replyTo(NUMBER, 3), { verdict: "wrong", paragraphs: ["Not quite.", "Three.", "The answer: 2.", "E."] });
  assert.deepEqual(replyTo(NUMBER, 7), { verdict: "wrong", paragraphs: ["Not quite.", "The answer: 2.", "E."] });
});

test("no guess is answered too, and is not the number 0", () => {
  for (const question of [CHOICE, NUMBER, { ...NUMBER, answer: 0 }])
    assert.deepEqual(replyTo(question, null), { verdict: "none", paragraphs: ["No guess is an honest answer.", `The answer: ${question.answer_in_words}`, "E."] });
});
