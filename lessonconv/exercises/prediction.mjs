// A question to predict the answer to, with native inputs. What is answered stays here: nothing is sent, nothing kept.
import { html, write } from "../explore/page/dom.mjs";
import { keepKeys } from "../explore/page/keys.mjs";

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const LIKE_THIS = "write one like 3, −0.5 or 1/2";
const LEAD = { right: "Right.", wrong: "Not quite.", none: "No guess is an honest answer." };

/** The number that somebody typed, as {value}, or {sentence}: why it is none. */
export function typed(text) {
  const words = text.trim().replaceAll("−", "-"), quoted = `“${text.trim().slice(0, 20)}”`;
  if (!words) return { sentence: "Write a number first, or press “I don’t know”." };
  if (/^[\d.,+-]*,[\d.,]*$/.test(words)) return { sentence: `${quoted} has a comma: write a point for decimals, and nothing between thousands.` };
  const parts = words.split("/").map((part) => part.trim());
  if (parts.length > 2 || !parts.every((part) => DECIMAL.test(part))) return { sentence: `${quoted} is not a number; ${LIKE_THIS}.` };
  const value = parts.map(Number).reduce((above, below) => above / below);
  return Number.isFinite(value) ? { value } : { sentence: `${quoted} is not a finite number; ${LIKE_THIS}.` };
}

/** What is said to an answer, paragraph by paragraph, the first one the verdict: an option's place or a number; null is no guess. */
export function replyTo(question, answer) {
  const close = (value) => Math.abs(answer - value) <= question.within;
  const [isRight, words = ""] =
    answer === null ? [false]
    : question.kind === "choice" ? [question.options[answer].right, question.options[answer].reply]
    : [close(question.answer), question.wrong.find(([value]) => close(value))?.[1]];
  const verdict = answer === null ? "none" : isRight ? "right" : "wrong";
  const solution = isRight ? [] : [`The answer: ${question.answer_in_words}`];
  return { verdict, paragraphs: [LEAD[verdict], isRight && question.kind === "number" ? "" : words, ...solution, question.explanation].filter(Boolean) };
}

/** Radio buttons: one stop of the Tab key, arrows go through them. */
function choice({ options }, id) {
  const inputs = options.map((_, place) => html("input", { type: "radio", name: id, value: place }));
  return {
    parts: inputs.map((input, place) => html("label", { className: "option" }, input, html("span", {}, options[place].text))),
    inputs,
    clear: () => inputs.forEach((input) => (input.checked = false)),
    read: () => {
      const place = inputs.findIndex((input) => input.checked);
      return place < 0 ? { sentence: "Choose one first, or press “I don’t know”." } : { value: place };
    },
  };
}

/** A field for a number, which Enter reveals. */
function number() {
  const input = html("input", { type: "text", inputMode: "decimal", autocomplete: "off", spellcheck: false });
  return {
    parts: [html("label", { className: "field" }, "Your answer ", input)],
    inputs: [input],
    clear: () => (input.value = ""),
    read: () => typed(input.value),
  };
}

const ENTRY = { choice, number };

function render({ model, el }) {
  const question = model.get("question"), id = `lc-${Math.random().toString(36).slice(2)}`; // this view's own
  const entry = ENTRY[question.kind](question, id);
  const given = html("p", { className: "given", id: `${id}-given`, textContent: question.given, hidden: !question.given });
  const notice = html("p", { className: "notice", id: `${id}-notice` }), reply = html("div", { className: "reply" });
  const reveal = html("button", { type: "button", textContent: "Reveal" }), pass = html("button", { type: "button", textContent: "I don’t know" });
  const asked = html("fieldset", {}, html("legend", { textContent: question.ask }), ...entry.parts, notice);
  asked.setAttribute("aria-describedby", given.id);
  notice.setAttribute("role", "alert");
  reply.setAttribute("role", "status");

  const complain = (sentence) => {
    write(notice, sentence);
    for (const input of question.kind === "number" ? entry.inputs : []) {
      input.setAttribute("aria-invalid", String(Boolean(sentence)));
      input.setAttribute("aria-describedby", notice.id);
    }
  };
  const say = (answer) => {
    complain("");
    const { verdict, paragraphs: [lead, ...others] } = replyTo(question, answer);
    const [first = "", ...rest] = others;
    el.dataset.verdict = verdict;
    reply.replaceChildren(html("p", {}, html("strong", {}, lead), ` ${first}`), ...rest.map((words) => html("p", {}, words)));
  };
  const forget = () => { // a reply to another answer than the one that stands there would mislead
    complain("");
    delete el.dataset.verdict;
    reply.replaceChildren();
  };
  const answer = () => {
    const { value, sentence } = entry.read();
    if (!sentence) return say(value);
    forget();
    complain(sentence);
    (entry.inputs.find((input) => input.checked) ?? entry.inputs[0]).focus();
  };
  reveal.addEventListener("click", answer);
  pass.addEventListener("click", () => { entry.clear(); say(null); });
  asked.addEventListener("input", forget);
  asked.addEventListener("keydown", (event) => { // no <form>: a frame that forbids forms would swallow it
    if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    event.preventDefault();
    answer();
  });

  el.classList.add("lc-predict");
  el.append(html("p", { className: "name", textContent: "Predict" }), given, asked, html("div", { className: "buttons" }, reveal, pass), reply);
  return keepKeys(el);
}

export default { render };
