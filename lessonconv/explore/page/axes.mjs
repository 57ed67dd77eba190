// Where things stand in a chart: ticks, scales, lines, labels. Pure geometry.

/** Round steps of 1, 2 or 5 that go from low to high in about `count` parts. */
export function ticks(low, high, count = 5) {
  const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((s) => s * power >= rough * 0.999) * power;
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high * (1 + 1e-9); k++) found.push(+(k * step).toPrecision(12));
  return found;
}

/** Powers of ten from low to high, in at most `count` parts. */
export function powers(low, high, count = 8) {
  const first = Math.ceil(Math.log10(low) - 1e-9), last = Math.floor(Math.log10(high) + 1e-9);
  const step = Math.max(1, Math.ceil((last - first) / count)), found = [];
  for (let k = Math.ceil(first / step) * step; k <= last; k += step) found.push(k);
  return found;
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

/** From values to places: low is at `from`, high at `to`. What has no place on a log scale, or is no number, gives null. */
export function scale({ low, high, log }, from, to) {
  const own = log ? Math.log10 : (value) => value, begin = own(low), unit = (to - from) / (own(high) - begin);
  return (value) => (value === null || (log && value <= 0) ? null : from + (own(value) - begin) * unit);
}

/** The number of the value whose place is nearest. */
export function nearest(places, place) {
  let best = 0;
  places.forEach((one, k) => { if (Math.abs(one - place) < Math.abs(places[best] - place)) best = k; });
  return best;
}

/** A line through points as SVG's path; it stops where there is no value, and after each of the `breaks`. */
export function line(xs, ys, breaks = []) {
  let pen = "M";
  return xs.map((x, k) => {
    if (ys[k] === null) { pen = "M"; return ""; }
    const piece = `${pen}${x.toFixed(1)} ${ys[k].toFixed(1)}`;
    pen = breaks.includes(k) ? "M" : "L";
    return piece;
  }).join("");
}

/** The ends of a straight line through a place, of this slope and length. */
export function tangent([x, y], slope, length) {
  const along = length / 2 / Math.hypot(1, slope);
  return [[x - along, y - along * slope], [x + along, y + along * slope]];
}

/** Where a key moves a slider among `count` places; null if it is none of the slider's. */
export function slid(key, index, count) {
  const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10, Home: -count, End: count };
  return key in steps ? Math.max(0, Math.min(count - 1, index + steps[key])) : null;
}

const SHAPES = [ // one for each curve, within a circle of radius 1
  "M1 0A1 1 0 1 1 -1 0A1 1 0 1 1 1 0Z", "M-.85 -.85H.85V.85H-.85Z", "M0 -1.2L1.2 0L0 1.2L-1.2 0Z", "M0 -1.1L1.05 .8H-1.05Z", "M0 1.1L1.05 -.8H-1.05Z",
];
const DASHES = ["", "7 4", "2 4", "9 3 2 3", "14 4"];

/** How a curve is told from the others, other than by its colour. */
export const manner = (k) => ({ shape: SHAPES[k % SHAPES.length], dash: DASHES[k % DASHES.length] });
