// Who meets whom. Pure functions over a scene that Python sent: no page, no drawing, nothing of convolution.
//
// scene.meets[list].cells[role] holds, for every meeting of a list, which cell of that role takes part.

/** A scene's message with its lists written out. */
export function prepare(message) {
  const meets = {};
  for (const [name, list] of Object.entries(message.meets)) meets[name] = expand(list);
  return { ...message, meets };
}

/** A list of meetings from its rows and columns: every row meets every column. */
export function expand({ roles, factor }) {
  const cells = {};
  let count = 0;
  for (const [role, [rows, columns, width]] of Object.entries(roles)) {
    count = rows.length * columns.length;
    const all = (cells[role] = new Int32Array(count));
    let at = 0;
    for (const row of rows) for (const column of columns) all[at++] = row * width + column;
  }
  return { cells, count, factor, byRole: {} };
}

/** The numbers of the meetings in which a cell takes part. */
export function meetingsOf(list, role, cell) {
  const { start, order } = (list.byRole[role] ??= sorted(list.cells[role]));
  return cell + 1 < start.length ? order.subarray(start[cell], start[cell + 1]) : order.subarray(0, 0);
}

/** Meetings filed by cell (a counting sort): those of cell n are order[start[n]] … order[start[n + 1] − 1]. */
function sorted(cells) {
  const start = new Int32Array(cells.reduce((most, cell) => Math.max(most, cell), -1) + 2), order = new Int32Array(cells.length);
  for (const cell of cells) start[cell + 1]++;
  for (let n = 1; n < start.length; n++) start[n] += start[n - 1];
  const next = start.slice();
  cells.forEach((cell, meeting) => (order[next[cell]++] = meeting));
  return { start, order };
}

/** For each role the cells that meet this one, and what these stand for elsewhere. */
export function touched(scene, name, role, cell) {
  const list = scene.meets[name], met = meetingsOf(list, role, cell), found = { [role]: [cell] };
  for (const other in list.cells)
    if (other !== role) found[other] = [...new Set(Array.from(met, (meeting) => list.cells[other][meeting]))];
  for (const [one, other, standsFor] of scene.links) {
    if (found[one] && !found[other]) found[other] = found[one].map((n) => standsFor[n]).filter((n) => n >= 0);
    else if (found[other] && !found[one]) {
      const here = new Set(found[other]);
      found[one] = standsFor.flatMap((n, at) => (here.has(n) ? [at] : []));
    }
  }
  return found;
}

/** The grids that a play shows. */
export const visible = (scene, mode) =>
  Object.keys(scene.grids).filter((name) => !scene.extras.includes(name) || scene.plays[mode].grids.includes(name));

/** The sum that tells of a grid's cells in a play, if one does. */
export const sumOf = (scene, mode, name) => scene.sums[scene.plays[mode].sums[name] ?? scene.grids[name].sum];

/** The growing sum that a grid's cells add to in a play, if it leads one. */
export function stampOf(scene, mode, name) {
  const { adds, leads } = scene.plays[mode];
  return adds && name === leads ? sumOf(scene, mode, adds) : null;
}

/** The cells to mark when one is looked at: grid → [kind, cells]; "self", "meet" in its sum or stamp, "link" otherwise. */
export function marks(scene, mode, name, cell) {
  const grid = scene.grids[name], sum = sumOf(scene, mode, name), found = {};
  const all = touched(scene, sum?.makes === name ? sum.meets : grid.meets, grid.role, cell);
  const stamp = stampOf(scene, mode, name), partners = stamp ? [stamp.makes, ...stamp.of] : sum?.of ?? [];
  for (const other of visible(scene, mode)) {
    const cells = all[scene.grids[other].role];
    if (other === name) found[other] = ["self", [cell]];
    else if (cells?.length) found[other] = [partners.includes(other) ? "meet" : "link", cells];
  }
  return found;
}

/** Which slice of a grid's stack is shown. */
export function slice(scene, grid, at) {
  return grid.stack.reduce((number, axis) => number * scene.stacks[axis] + at[axis], 0);
}

/** The value of a cell in a slice. */
export const valueAt = (scene, grid, at, cell) => grid.values[slice(scene, grid, at) * grid.rows * grid.columns + cell];

/** The slices that a sum runs over: all of its stacked axis, or the one that is shown. */
const slices = (scene, { over }, at) => (over ? Array.from({ length: scene.stacks[over] }, (_, n) => ({ ...at, [over]: n })) : [at]);

/** The terms of the sum that makes a cell: which cells are multiplied, in which slices. Those in the padding are not. */
export function terms(scene, sum, cell, at) {
  const list = scene.meets[sum.meets], found = [];
  for (const place of slices(scene, sum, at)) {
    for (const meeting of meetingsOf(list, scene.grids[sum.makes].role, cell)) {
      const parts = sum.of.map((name) => ({ name, at: place, cell: list.cells[scene.grids[name].role][meeting] }));
      if (parts.every((part) => isInner(scene.grids[part.name], part.cell)))
        found.push({ parts, factor: list.factor?.[meeting] ?? 1 });
    }
  }
  return found;
}

/** A sum over those meetings whose cell of `role` is done: cell → value. */
export function soFar(scene, sum, role, done, at) {
  const list = scene.meets[sum.meets], { rows, columns } = scene.grids[sum.makes], total = new Array(rows * columns).fill(0);
  const target = list.cells[scene.grids[sum.makes].role];
  for (const place of slices(scene, sum, at)) {
    const parts = sum.of.map((name) => {
      const grid = scene.grids[name], start = slice(scene, grid, place) * grid.rows * grid.columns;
      return [grid.values, start, list.cells[grid.role]];
    });
    for (const cell of done)
      for (const meeting of meetingsOf(list, role, cell)) {
        let value = list.factor?.[meeting] ?? 1;
        for (const [values, start, cells] of parts) value *= values[start + cells[meeting]];
        total[target[meeting]] += value;
      }
  }
  return total;
}

/** A grid's values at a step of a play; blank cells are null. At rest, step null, everything is there. */
export function shown(scene, mode, name, step, at) {
  const grid = scene.grids[name], play = scene.plays[mode], start = slice(scene, grid, at) * grid.rows * grid.columns;
  const values = grid.values.slice(start, start + grid.rows * grid.columns);
  if (step === null) return values;
  if (play.adds === name) {
    const lead = scene.grids[play.leads];
    return soFar(scene, sumOf(scene, mode, name), lead.role, inner(lead).slice(0, step + 1), at);
  }
  if (!play.fills.includes(name)) return values;
  const made = new Set(inner(grid).slice(0, step + 1));
  return values.map((value, cell) => (made.has(cell) ? value : null));
}

/** The numbers of the cells that are not padding, row by row: the steps of a play that this grid leads. */
export function inner(grid) {
  const cells = [];
  for (let row = 0; row < grid.size[0]; row++)
    for (let column = 0; column < grid.size[1]; column++)
      cells.push((row + grid.before[0]) * grid.columns + column + grid.before[1]);
  return cells;
}

/** A cell's indices as the equations have them: negative, or beyond the size, in the padding. */
export const indices = (grid, cell) => [Math.floor(cell / grid.columns) - grid.before[0], (cell % grid.columns) - grid.before[1]];

/** Whether a cell is not padding. */
export const isInner = (grid, cell) => indices(grid, cell).every((at, axis) => at >= 0 && at < grid.size[axis]);

/** Where a key takes the focus in a grid of so many rows and columns; null if it is not a key for that. */
export function move(key, cell, rows, columns, control = false) {
  const row = Math.floor(cell / columns), column = cell % columns;
  const to = (r, c) => Math.min(rows - 1, Math.max(0, r)) * columns + Math.min(columns - 1, Math.max(0, c));
  switch (key) {
    case "ArrowRight": return to(row, column + 1);
    case "ArrowLeft": return to(row, column - 1);
    case "ArrowDown": return to(row + 1, column);
    case "ArrowUp": return to(row - 1, column);
    case "PageDown": return to(rows - 1, column);
    case "PageUp": return to(0, column);
    case "Home": return control ? 0 : to(row, 0);
    case "End": return control ? rows * columns - 1 : to(row, columns - 1);
    default: return null;
  }
}
