// A network that learns: charts, kernels and feature maps, drawn anew whenever Python sends a scene; two wishes go back.
import { apart, ticks } from "./axes.mjs";
import { html, svg } from "./dom.mjs";
import { keepKeys } from "./keys.mjs";

const WIDTH = 420, HEIGHT = 200, LEFT = 46, RIGHT = 104, TOP = 8, BOTTOM = 36, LINE = 15;
const CHARTS = [
  { title: "loss, in nats", columns: [1, 3], so_far: 1, percent: false },
  { title: "accuracy", columns: [2, 4], so_far: 2, percent: true },
];
const KERNEL = 14; // pixels for a kernel's cell: room for a minus
const STANDING = {
  ready: "Not begun yet.",
  waiting: "It goes on as soon as the cell under way is done.",
  stopping: "It stops after the step under way.",
};
const BUTTON = { ready: "Start", running: "Stop", stopping: "Stopping", waiting: "Waiting", stopped: "Go on", done: "Done" };
const PATIENCE = 4000, PAUSE = 2000; // milliseconds: to wait for an answer, and between two announcements

/** The range of a chart's axis: loss from 0, accuracy up to 1. */
export function range(values, percent) {
  if (!values.length) return [0, 1];
  if (percent) return [Math.max(0, Math.floor(Math.min(...values) * 20 - 0.5) / 20), 1];
  return [0, Math.max(...values) * 1.05 || 1];
}

export const number = (value, percent) => (percent ? `${(100 * value).toFixed(1)}%` : value.toFixed(3));
const figures = (value) => String(+value.toPrecision(2));

/** How the training goes, in words that change once an epoch. */
export function standing({ epochs }, { rows }, [name, reason]) {
  const why = reason || STANDING[name] || "";
  if (!rows.length) return why || `In the first of ${epochs} epochs.`;
  const words = [];
  const [epoch, loss, accuracy, testLoss, testAccuracy] = rows.at(-1);
  words.push(`${name === "done" ? "Done: epoch" : "Epoch"} ${epoch} of ${epochs}`);
  if (loss !== null) words.push(`training loss ${number(loss)}, accuracy ${number(accuracy, true)}`);
  if (testLoss !== null) words.push(`test loss ${number(testLoss)}, accuracy ${number(testAccuracy, true)}`);
  const seconds = rows.reduce((sum, row) => sum + row[5], 0) / rows.length, left = Math.ceil((epochs - epoch) * seconds);
  if (name === "running" && left > 0) words.push(`about ${left}\u00a0s left`);
  return `${why} ${words.join(" · ")}`.trim();
}

/** Where in the epochs it is, in words that change with every scene. */
export function place({ epochs, steps }, { rows, so_far }) {
  if (!so_far) return "";
  const loss = so_far[1] === null ? "" : `, loss so far ${number(so_far[1])}`;
  return `epoch ${Math.min(rows.length + 1, epochs)}, step ${so_far[0]} of ${steps}${loss}`;
}

/** Why a wish was not answered: `alive` if scenes came in the meantime. */
export const unanswered = (alive) =>
  alive
    ? "This notebook hands buttons on only when the cell is done: use its own stop button, ■."
    : "The kernel does not answer: it is busy with another cell, or gone. What you see stays.";

/** RGBA for one panel of a pack: `size` pixels a cell, its tone from two ramps of 128, a bar on negative cells if `marked`. */
export function pixels({ cells, shape: [, height, width] }, panel, { negative, positive }, size = 1, marked = false, scale = 1) {
  const data = new Uint8ClampedArray(4 * height * width * size * size), begin = panel * height * width;
  for (let y = 0, at = 0; y < height * size; y++)
    for (let x = 0; x < width * size; x++, at += 4) {
      const value = cells[begin + Math.floor(y / size) * width + Math.floor(x / size)];
      const bar = marked && value < 0 && Math.abs((y % size) - size / 2 + 0.5) < 1 && Math.abs((x % size) - size / 2 + 0.5) < size / 4;
      const ramp = value < 0 ? negative : positive, tone = Math.round(Math.abs(value) * scale);
      data.set(bar ? ramp.ink[+(tone > 64)] : ramp.subarray(4 * tone, 4 * tone + 4), at);
    }
  return data;
}

/** An SVG element, perhaps with text. */
const drawn = (name, attributes, text) => {
  const node = svg(name, attributes);
  if (text !== undefined) node.textContent = text;
  return node;
};

const box = (name, className = "", ...children) => html(name, className ? { className } : {}, ...children);

/** The nodes of one chart: a line for each set, and a ring for the mean of the epoch under way. */
export function draw(chart, { epochs, steps }, { rows, so_far }) {
  const last = Math.max(epochs, rows.at(-1)?.[0] ?? 0, 1), floor = HEIGHT - BOTTOM, nodes = [];
  const lines = chart.columns.map((column, test) => ({
    kind: test ? "test" : "training",
    points: rows.filter((row) => row[column] !== null).map((row) => [row[0], row[column]]),
  }));
  const now = so_far && so_far[chart.so_far] !== null ? [rows.length + so_far[0] / steps, so_far[chart.so_far]] : null;
  const shown = lines.filter((line) => line.points.length);
  const values = [...lines.flatMap((line) => line.points), ...(now ? [now] : [])].map((point) => point[1]);
  const [low, high] = range(values, chart.percent);
  const x = (epoch) => LEFT + ((WIDTH - LEFT - RIGHT) * epoch) / last;
  const y = (value) => TOP + ((floor - TOP) * (high - value)) / (high - low);
  for (const value of ticks(low, high, 4)) {
    const words = chart.percent ? `${Math.round(100 * value)}%` : String(value);
    nodes.push(drawn("line", { class: "rule", x1: LEFT, x2: x(last), y1: y(value), y2: y(value) }));
    nodes.push(drawn("text", { x: LEFT - 8, y: y(value), "text-anchor": "end", "dominant-baseline": "central" }, words));
  }
  for (const epoch of ticks(0, last, 8).filter(Number.isInteger))
    nodes.push(drawn("text", { x: x(epoch), y: floor + 16, "text-anchor": "middle" }, epoch));
  nodes.push(drawn("text", { x: (x(0) + x(last)) / 2, y: floor + 32, "text-anchor": "middle" }, "epochs"));
  const ends = apart(shown.map((line) => y(line.points.at(-1)[1])), LINE);
  if (now) {
    const from = lines[0].points.at(-1);
    if (from) nodes.push(drawn("line", { class: "training", x1: x(from[0]), y1: y(from[1]), x2: x(now[0]), y2: y(now[1]) }));
    nodes.push(drawn("circle", { class: "now", cx: x(now[0]), cy: y(now[1]), r: 3.5 }));
  }
  shown.forEach(({ kind, points }, k) => {
    const path = points.map(([epoch, value]) => `${x(epoch).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
    nodes.push(drawn("polyline", { class: kind, points: path }));
    for (const [epoch, value] of points) nodes.push(drawn("circle", { class: kind, cx: x(epoch), cy: y(value), r: kind === "test" ? 3 : 2 }));
    const [epoch, value] = points.at(-1), words = `${kind} ${number(value, chart.percent)}`;
    nodes.push(drawn("text", { class: kind, x: Math.max(x(epoch), now ? x(now[0]) : 0) + 9, y: ends[k], "dominant-baseline": "central" }, words));
  });
  return nodes;
}

/** 128 tones from paper to a colour, mixed by the browser, and the two inks of a bar on them. */
function ramp(style, far, ink) {
  const tool = document.createElement("canvas");
  [tool.width, tool.height] = [130, 1];
  const pen = tool.getContext("2d"), paper = style.getPropertyValue("--lc-paper"), color = (name) => style.getPropertyValue(name);
  for (let k = 0; k < 128; k++) {
    pen.fillStyle = `color-mix(in oklab, ${color(far)} ${(100 * k) / 127}%, ${paper})`;
    pen.fillRect(k, 0, 1, 1);
  }
  [color(ink), paper].forEach((one, k) => {
    pen.fillStyle = one;
    pen.fillRect(128 + k, 0, 1, 1);
  });
  const tones = pen.getImageData(0, 0, 130, 1).data;
  tones.ink = [tones.subarray(512, 516), tones.subarray(516, 520)];
  return tones;
}

/** What Python packed, with its bytes as numbers from −127 to 127. */
const unpack = (pack) => ({ ...pack, cells: new Int8Array(pack.cells.buffer, pack.cells.byteOffset, pack.cells.byteLength) });

/** A canvas, and a function that paints one panel of a pack on it. */
function panel(className) {
  const canvas = box("canvas", className);
  const paint = (pack, k, tones, size, marked, scale) => {
    [canvas.width, canvas.height] = [pack.shape[2] * size, pack.shape[1] * size];
    canvas.style.aspectRatio = `${canvas.width} / ${canvas.height}`;
    canvas.getContext("2d").putImageData(new ImageData(pixels(pack, k, tones, size, marked, scale), canvas.width), 0, 0);
  };
  return { canvas, paint };
}

/** A figure: words above a picture that a screen reader meets as one. */
function figure(className, picture) {
  const caption = box("figcaption"), node = box("figure", className, caption, picture);
  picture.setAttribute("role", "img");
  return { node, picture, caption };
}

/** The first convolution: the image, and for each filter its kernel at the start, its kernel now, its map. */
function firstLayer(plan, scene) {
  const start = unpack(plan.before), image = unpack(plan.image), [F, C, K_h, K_w] = plan.kernel;
  const cards = Array.from({ length: start.shape[0] }, (_, f) => {
    const card = { name: box("span", "name"), before: panel("before"), now: panel("now"), map: panel("map") };
    card.node = box("div", "card", card.name, box("div", "pair", card.before.canvas, card.now.canvas), card.map.canvas);
    return card;
  });
  const input = panel("map"), name = box("span", "name");
  name.textContent = "image";
  const picture = box("div", "cards", box("div", "card", name, input.canvas), ...cards.map((card) => card.node));
  const { node, caption } = figure("first", picture);
  const some = F > cards.length || C > 4 ? ` Shown: ${cards.length} of ${F} filters, ${Math.min(C, 4)} of ${C} channels.` : "";
  const update = ({ kernels, moved, maps }, tones) => {
    const now = unpack(kernels), map = unpack(maps[0]), limit = Math.max(start.limit, now.limit);
    input.paint(image, 0, tones.image, 1);
    cards.forEach((card, f) => {
      card.name.textContent = `${f} moved ${Math.round(100 * moved[f])}%`;
      card.before.paint(start, f, tones.signed, KERNEL, true, start.limit / limit);
      card.now.paint(now, f, tones.signed, KERNEL, true, now.limit / limit);
      card.map.paint(map, f, tones.map(map), 1);
    });
    caption.textContent = "The first convolution: each kernel at the start and now, how far it has moved, and its map of the image";
    const most = moved.indexOf(Math.max(...moved)), share = Math.round(100 * moved[most]);
    const words = `Kernels: red is positive, blue with a bar is negative, up to ±${figures(limit)}. Maps: up to ${figures(map.limit)}.${some}`;
    note.textContent = words;
    picture.setAttribute("aria-label", `${F} kernels of ${K_h}×${K_w}, at the start and now, and their maps of one image. Kernel ${most} has moved most, by ${share}% of its size.`);
  };
  const note = box("p", "note");
  node.append(note);
  return { node, update };
}

/** The second convolution's maps. */
function secondLayer(plan, count) {
  const panels = Array.from({ length: count }, () => panel("map"));
  const { node, picture, caption } = figure("second", box("div", "cards", ...panels.map(({ canvas }) => canvas)));
  const update = ({ maps }, tones) => {
    const pack = unpack(maps[1]);
    panels.forEach(({ paint }, k) => paint(pack, k, tones.map(pack), 1));
    caption.textContent = plan.names[1];
    picture.setAttribute("aria-label", `${plan.names[1]}: ${count} of ${pack.of} maps of the image, up to ${figures(pack.limit)}.`);
  };
  return { node, update };
}

function render({ model, el }) {
  const get = (name) => model.get(name), plan = get("plan");
  const button = box("button"), bar = box("progress"), where = box("span", "where"), status = box("p", "status");
  button.type = "button";
  bar.setAttribute("aria-label", "steps done");
  bar.max = plan.epochs * plan.steps || 1;
  status.setAttribute("role", "status");
  const charts = CHARTS.map((chart) => {
    const { node, picture, caption } = figure("chart", drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}` }));
    caption.textContent = chart.title;
    return { chart, node, picture };
  });
  const layers = plan.before ? [firstLayer(plan, get("scene"))] : [];
  if (plan.names?.[1]) layers.push(secondLayer(plan, get("scene").maps[1].shape[0]));
  el.classList.add("lc-training");
  el.append(box("div", "controls", button, bar, where), status, box("div", "charts", ...charts.map(({ node }) => node)), ...layers.map(({ node }) => node));

  let tones, said = 0, asked = 0, alive = false;
  const mix = () => {
    const style = getComputedStyle(document.body), pair = (negative, positive) => ({ negative: ramp(style, ...negative), positive: ramp(style, ...positive) });
    const signed = pair(["--lc-negative", "--lc-ink"], ["--lc-positive", "--lc-ink"]), plain = pair(["--lc-negative", "--lc-ink"], ["--lc-a", "--lc-ink"]);
    tones = { signed, image: pair(["--lc-paper", "--lc-ink"], ["--lc-ink", "--lc-ink"]), map: (pack) => (pack.cells.some((v) => v < 0) ? signed : plain) };
  };
  const say = (words) => { if (status.textContent !== words) status.textContent = words; };
  const drawScene = () => {
    const scene = get("scene");
    for (const { chart, node, picture } of charts) {
      picture.replaceChildren(...draw(chart, plan, scene));
      picture.setAttribute("aria-label", `${chart.title} against epochs. ${standing(plan, scene, ["", ""])}`);
    }
    for (const layer of layers) layer.update(scene, tones);
    bar.value = scene.rows.length * plan.steps + (scene.so_far?.[0] ?? 0);
    where.textContent = place(plan, scene);
    el.dataset.seq = +(el.dataset.seq ?? 0) + 1;
  };
  const onScene = () => {
    alive = true;
    drawScene();
    if (!asked && Date.now() - said > PAUSE) announce();
  };
  const announce = () => {
    said = Date.now();
    say(standing(plan, get("scene"), get("state")));
  };
  const onState = () => {
    const [name] = get("state");
    clearTimeout(asked);
    asked = 0;
    button.textContent = BUTTON[name];
    button.setAttribute("aria-disabled", String(["stopping", "waiting", "done"].includes(name)));
    el.dataset.state = name;
    announce();
  };
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") === "true" || asked) return;
    alive = false;
    asked = setTimeout(() => { asked = 0; said = Infinity; say(unanswered(alive)); }, PATIENCE);
    try {
      model.send(get("state")[0] === "running" ? "stop" : "go on");
    } catch { /* there is nobody to send it to, as is said when no answer comes */ }
  });
  const release = keepKeys(el);
  const onTheme = () => { mix(); drawScene(); };
  const theme = new MutationObserver(onTheme), dark = matchMedia("(prefers-color-scheme: dark)");
  theme.observe(document.body, { attributes: true, attributeFilter: ["class", "data-jp-theme-light", "data-jp-theme-name"] });
  dark.addEventListener("change", onTheme);
  model.on("change:scene", onScene);
  model.on("change:state", onState);
  onTheme();
  onState();
  return () => {
    model.off("change:scene", onScene);
    model.off("change:state", onState);
    dark.removeEventListener("change", onTheme);
    theme.disconnect();
    release();
    clearTimeout(asked);
  };
}

export default { render };
