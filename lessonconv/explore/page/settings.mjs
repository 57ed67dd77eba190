// The controls of an explorer: native inputs, each bound to a setting that lives in Python.
//
// Python lists them: {name, label, kind, …}. "pair": an int or [height, width]; "size": two settings, one an axis;
// "count": an int; "choice": one of some words; "switch": on or off. A row of two sliders closes up to one if linked.

import { html, put, write } from "./dom.mjs";

/** A setting's value along both axes. */
export const both = (value) => (Array.isArray(value) ? value : [value, value]);

/** Two values as a setting: one int if they are linked. */
export const folded = (values, linked) => (linked ? values[0] : values);

export function createSettings({ model, ask }) {
  const controls = model.get("controls"), updates = [], root = html("div", { className: "settings" });
  const pairs = controls.filter(({ kind }) => kind === "pair" || kind === "size");
  const read = (control) => (control.kind === "size" ? control.names.map((name) => model.get(name)) : both(model.get(control.name)));
  const alike = () => pairs.every((control) => read(control)[0] === read(control)[1]);
  let wanted = true, linked = alike(); // whether one slider serves both axes: if that is wanted, and possible

  function change(control, values) {
    if (control.kind === "size") ask(Object.fromEntries(control.names.map((name, axis) => [name, values[axis]])));
    else ask({ [control.name]: folded(values, linked) });
  }

  function slider(label, name, low, high, get, set) {
    const input = html("input", { type: "range", min: low, max: high, step: 1 }), shown = html("span", { className: "value", ariaHidden: "true" });
    input.dataset.setting = name;
    input.setAttribute("aria-label", label);
    let held = false;
    input.addEventListener("pointerdown", () => (held = true));
    input.addEventListener("input", () => { write(shown, input.value); set(Number(input.value)); });
    const settle = () => { // where a refused setting returns to, once the hand has let go
      if (held) return;
      const value = get();
      if (value > Number(input.max)) input.max = value; // set from Python
      if (input.value !== String(value)) input.value = value;
      write(shown, String(value));
    };
    for (const end of ["change", "pointerup", "pointercancel", "blur"])
      input.addEventListener(end, () => { held = false; setTimeout(settle, 400); });
    updates.push(settle);
    settle();
    return html("span", { className: "slider" }, input, shown);
  }

  const RANGE = {
    pair(control) {
      const set = (axis) => (value) => {
        const values = linked ? [value, value] : read(control).map((old, other) => (other === axis ? value : old));
        change(control, values);
      };
      const name = control.name ?? control.names[0];
      const height = slider(control.label, name, control.low, control.high, () => read(control)[0], set(0));
      const width = slider(`${control.label}, width`, `${name}-width`, control.low, control.high, () => read(control)[1], set(1));
      updates.push(() => {
        width.hidden = linked;
        put(height.firstChild, { "aria-label": linked ? control.label : `${control.label}, height` });
      });
      return [html("span", { textContent: control.label }), height, width];
    },
    count(control) {
      const range = slider(control.label, control.name, control.low, control.high, () => model.get(control.name), (value) => ask({ [control.name]: value }));
      if (control.of) updates.push(() => { // which slice of a stack is shown: nothing to choose where there is one
        const many = model.get(control.of);
        put(range.firstChild, { max: many - 1 });
        range.parentElement && (range.parentElement.hidden = many < 2);
      });
      return [html("span", { textContent: control.label }), range];
    },
    choice(control) {
      const select = html("select", {}, ...control.options.map(([value, label]) => html("option", { value, textContent: label })));
      select.dataset.setting = control.name;
      select.setAttribute("aria-label", control.label);
      select.addEventListener("change", () => ask({ [control.name]: select.value }));
      updates.push(() => (select.value = model.get(control.name)));
      return [html("span", { textContent: control.label }), select];
    },
    switch(control) {
      const box = html("input", { type: "checkbox" });
      box.dataset.setting = control.name;
      box.addEventListener("change", () => ask({ [control.name]: box.checked }));
      updates.push(() => (box.checked = model.get(control.name)));
      return [html("label", {}, box, ` ${control.label}`)];
    },
    button(control) {
      const button = html("button", { type: "button", textContent: control.label });
      button.dataset.setting = control.name;
      button.addEventListener("click", () => ask({ [control.name]: model.get(control.name) + 1 }));
      return [button];
    },
  };
  RANGE.size = RANGE.pair;

  function link() {
    const box = html("input", { type: "checkbox" });
    box.dataset.setting = "linked";
    box.addEventListener("change", () => {
      wanted = linked = box.checked;
      if (wanted) for (const control of pairs) if (read(control)[0] !== read(control)[1]) change(control, [read(control)[0], read(control)[0]]);
      update();
    });
    updates.push(() => (box.checked = linked));
    return html("div", { className: "control" }, html("label", {}, box, " height and width alike"));
  }

  function drawn(control) {
    const made = html("div", { className: "control" }, ...RANGE[control.kind](control));
    if (control.when) updates.push(() => (made.hidden = model.get(control.when[0]) !== control.when[1]));
    return made;
  }
  const main = html("div", { className: "controls" }, ...controls.filter((control) => !control.more).map(drawn));
  const more = html("div", { className: "controls" }, ...controls.filter((control) => control.more).map(drawn), ...(pairs.length ? [link()] : []));
  root.append(main, ...(more.childElementCount ? [html("details", {}, html("summary", { textContent: "More settings" }), more)] : []));

  function update() {
    linked = wanted && alike();
    for (const one of updates) one();
  }
  update();
  return { root, update };
}
