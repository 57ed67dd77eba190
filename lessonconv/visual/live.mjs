// Two charts that grow while a network learns. Rows: [epoch, loss, accuracy, test loss, test accuracy, seconds].
const WIDTH = 360, HEIGHT = 200, LEFT = 46, RIGHT = 104, TOP = 8, BOTTOM = 36, LINE = 15;
const CHARTS = [
  { title: "loss, in nats", columns: [1, 3], percent: false },
  { title: "accuracy", columns: [2, 4], percent: true },
];

/** Round steps of 1, 2 or 5 that go from low to high in about `count` parts. */
export function ticks(low, high, count = 5) {
  const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((s) => s * power >= rough * 0.999) * power;
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high * (1 + 1e-9); k++) found.push(+(k * step).toPrecision(12));
  return found;
}

/** The range of a chart's axis: loss from 0, accuracy up to 1. */
export function range(values, percent) {
  if (!values.length) return [0, 1];
  if (percent) return [Math.max(0, Math.floor(Math.min(...values) * 20 - 0.5) / 20), 1];
  return [0, Math.max(...values) * 1.05 || 1];
}

/** Places moved apart so that no two are closer than `gap`; their order stays. */
export function apart(places, gap) {
  const order = places.map((_, k) => k).sort((p, q) => places[p] - places[q]), moved = [...places];
  for (let round = 0; round < 50; round++)
    for (let k = 1; k < order.length; k++) {
      const lack = gap - (moved[order[k]] - moved[order[k - 1]]);
      if (lack > 0) { moved[order[k - 1]] -= lack / 2; moved[order[k]] += lack / 2; }
    }
  return moved;
}

export const number = (value, percent) => (percent ? `${(100 * value).toFixed(1)}%` : value.toFixed(3));

/** Where the training is, in words. */
export function sentence(rows, epochs) {
  if (!rows.length) return epochs ? `Waiting for the first of ${epochs} epochs …` : "Waiting for the first epoch …";
  const [epoch, loss, accuracy, testLoss, testAccuracy] = rows.at(-1), words = [];
  words.push(`Epoch ${epoch}${epochs >= epoch ? ` of ${epochs}` : ""}`);
  if (loss !== null) words.push(`training loss ${number(loss)}, accuracy ${number(accuracy, true)}`);
  if (testLoss !== null) words.push(`test loss ${number(testLoss)}, accuracy ${number(testAccuracy, true)}`);
  const seconds = rows.reduce((sum, row) => sum + row[5], 0) / rows.length, left = Math.ceil((epochs - epoch) * seconds);
  if (left > 0) words.push(`about ${left}\u00a0s left`);
  return words.join(" · ");
}

const svg = (name, attributes = {}, text) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  if (text !== undefined) node.textContent = text;
  return node;
};

function draw(chart, rows, epochs) {
  const last = Math.max(epochs, rows.at(-1)?.[0] ?? 0, 2), floor = HEIGHT - BOTTOM, nodes = [];
  const lines = chart.columns.map((column, test) => ({
    kind: test ? "test" : "training",
    points: rows.filter((row) => row[column] !== null).map((row) => [row[0], row[column]]),
  })).filter((line) => line.points.length);
  const [low, high] = range(lines.flatMap((line) => line.points.map((point) => point[1])), chart.percent);
  const x = (epoch) => LEFT + ((WIDTH - LEFT - RIGHT) * (epoch - 1)) / (last - 1);
  const y = (value) => TOP + ((floor - TOP) * (high - value)) / (high - low);
  for (const value of ticks(low, high, 4)) {
    const words = chart.percent ? `${Math.round(100 * value)}%` : String(value);
    nodes.push(svg("line", { class: "rule", x1: LEFT, x2: x(last), y1: y(value), y2: y(value) }));
    nodes.push(svg("text", { x: LEFT - 8, y: y(value), "text-anchor": "end", "dominant-baseline": "central" }, words));
  }
  for (const epoch of ticks(1, last, 8).filter(Number.isInteger))
    nodes.push(svg("text", { x: x(epoch), y: floor + 16, "text-anchor": "middle" }, epoch));
  nodes.push(svg("text", { x: (x(1) + x(last)) / 2, y: floor + 32, "text-anchor": "middle" }, "epoch"));
  const ends = apart(lines.map((line) => y(line.points.at(-1)[1])), LINE);
  lines.forEach(({ kind, points }, k) => {
    const path = points.map(([epoch, value]) => `${x(epoch).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
    nodes.push(svg("polyline", { class: kind, points: path }));
    for (const [epoch, value] of points) nodes.push(svg("circle", { class: kind, cx: x(epoch), cy: y(value), r: kind === "test" ? 3 : 2 }));
    const [epoch, value] = points.at(-1), words = `${kind} ${number(value, chart.percent)}`;
    nodes.push(svg("text", { class: kind, x: x(epoch) + 9, y: ends[k], "dominant-baseline": "central" }, words));
  });
  return nodes;
}

function render({ model, el }) {
  const status = document.createElement("div"), row = document.createElement("div");
  status.setAttribute("role", "status");
  row.className = "charts";
  const pictures = CHARTS.map((chart) => {
    const figure = document.createElement("figure"), caption = document.createElement("figcaption");
    const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
    caption.textContent = chart.title;
    figure.append(caption, picture);
    row.append(figure);
    return picture;
  });
  el.classList.add("lc-live");
  el.append(row, status);
  const update = () => {
    const rows = model.get("rows"), epochs = model.get("epochs"), words = sentence(rows, epochs);
    CHARTS.forEach((chart, k) => {
      pictures[k].replaceChildren(...draw(chart, rows, epochs));
      pictures[k].setAttribute("aria-label", `${chart.title} against epoch. ${words}`);
    });
    status.textContent = words;
    el.dataset.seq = rows.length;
  };
  model.on("change:rows change:epochs", update);
  update();
  return () => model.off("change:rows change:epochs", update);
}

export default { render };
