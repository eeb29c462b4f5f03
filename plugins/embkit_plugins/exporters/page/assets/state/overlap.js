// Two clusterings of the same rows: what they share, and colours that show it.

import { paletteColour } from "./colours.js";

/** The pairs of clusters with rows in both: {before, after, rows}, most rows first; -1 is noise. */
export function overlaps(before, after) {
  const width = after.reduce((most, label) => Math.max(most, label), -1) + 2;
  const counts = new Map();
  before.forEach((label, place) => {
    const key = (label + 1) * width + after[place] + 1;
    counts.set(key, (counts.get(key) || 0) + 1);
  });
  return [...counts].map(([key, rows]) => ({ before: Math.floor(key / width) - 1, after: (key % width) - 1, rows }))
    .sort((a, b) => b.rows - a.rows || a.before - b.before || a.after - b.after);
}

/**
 * Colours for the clusters before: that of the cluster after with which one shares
 * most rows, each colour given once; the others get colours that are not taken.
 */
export function alignedColours(cells, nBefore, nAfter, palette) {
  const colours = new Int32Array(nBefore).fill(-1);
  const taken = new Set();
  for (const { before, after } of cells) {
    if (before < 0 || after < 0 || colours[before] >= 0 || taken.has(after)) continue;
    colours[before] = paletteColour(palette, after);
    taken.add(after);
  }
  let next = nAfter;
  return colours.map((colour) => (colour >= 0 ? colour : paletteColour(palette, next++)));
}

export function numberedColours(n, palette) {
  return Int32Array.from({ length: n }, (_, number) => paletteColour(palette, number));
}

/** The adjusted Rand index (Hubert and Arabie 1985) of two labelings, noise being one more group. */
export function adjustedRand(cells, n) {
  const pairs = (count) => (count * (count - 1)) / 2;
  const rows = new Map();
  const columns = new Map();
  let both = 0;
  for (const { before, after, rows: count } of cells) {
    rows.set(before, (rows.get(before) || 0) + count);
    columns.set(after, (columns.get(after) || 0) + count);
    both += pairs(count);
  }
  const total = (counts) => [...counts.values()].reduce((sum, count) => sum + pairs(count), 0);
  const [first, second] = [total(rows), total(columns)];
  const expected = (first * second) / pairs(n);
  const most = (first + second) / 2;
  return most === expected ? 1 : (both - expected) / (most - expected);
}
