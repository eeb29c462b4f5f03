// The tree of merges: exact cuts, steps from merge to merge, and the ledger between two cuts.
//
// Rows are numbered by their place in the order of the leaves, so that each node
// is a range of places. Node p < n is the row at place p, node n + i is merge i.

import { readNames } from "./data.js";

export class Tree {
  constructor(document, words, arrays, rowOfPlace) {
    const n = rowOfPlace.length;
    this.n = n;
    this.metric = document.metric;
    this.method = document.method;
    const heights = arrays[document.heights];
    this.monotone = isSorted(heights);
    // With inversions a height cuts nothing off, so the merges are cut by their number.
    this.heights = this.monotone ? heights : Float64Array.from(heights, (_, i) => i + 1);
    this.trueHeights = heights;
    this.build(arrays[document.boundaries], rowOfPlace);
    const optional = (number) => (number === null ? null : arrays[number]);
    // Rows of a merge are counted from where its range, or that of its second child, begins.
    const within = (offsets, starts) => offsets && Int32Array.from(offsets, (offset, i) => (offset < 0 ? -1 : starts(i) + offset));
    this.central = within(optional(document.central), (i) => this.start[n + i]);
    this.pValues = optional(document.p_values);
    const [first, second, distance] = (document.closest || [null, null, null]).map(optional);
    this.closest = distance && [within(first, (i) => this.start[n + i]), within(second, (i) => this.start[this.right[i]]),
      distance.map((d, i) => (d < 0 ? heights[i] : d))];
    const merges = arrays[document.names.merges];
    const names = readNames(document.names, words, arrays, (offset, i) => this.start[n + merges[i]] + offset);
    this.names = new Map(names.map((name, i) => [merges[i], name]));
    this.cachedPlateaus = null;
  }

  /** Replay the merges: merge i joins the ranges that end and begin at boundaries[i]. */
  build(boundaries, rowOfPlace) {
    const n = this.n;
    const nodes = 2 * n - 1;
    this.start = new Int32Array(nodes);
    this.end = new Int32Array(nodes);
    this.left = new Int32Array(Math.max(n - 1, 0));
    this.right = new Int32Array(Math.max(n - 1, 0));
    this.parent = new Int32Array(nodes).fill(-1);
    this.firstRow = new Int32Array(nodes);
    this.middle = new Float64Array(nodes);
    const endsAt = new Int32Array(n + 1); // the node that ends at a place
    const beginsAt = new Int32Array(n + 1);
    for (let p = 0; p < n; p++) {
      this.start[p] = p;
      this.end[p] = p + 1;
      this.firstRow[p] = rowOfPlace[p];
      this.middle[p] = p + 0.5;
      endsAt[p + 1] = beginsAt[p] = p;
    }
    for (let i = 0; i < n - 1; i++) {
      const node = n + i;
      const a = (this.left[i] = endsAt[boundaries[i]]);
      const b = (this.right[i] = beginsAt[boundaries[i]]);
      this.parent[a] = this.parent[b] = node;
      this.start[node] = this.start[a];
      this.end[node] = this.end[b];
      this.firstRow[node] = Math.min(this.firstRow[a], this.firstRow[b]);
      this.middle[node] = (this.middle[a] + this.middle[b]) / 2;
      endsAt[this.end[node]] = beginsAt[this.start[node]] = node;
    }
    this.root = nodes - 1;
  }

  size(node) {
    return this.end[node] - this.start[node];
  }

  height(node) {
    return node < this.n ? 0 : this.heights[node - this.n];
  }

  /** The p-value of no valley between the sides of a merge; null where it was not tested. */
  support(node) {
    const p = node >= this.n && this.pValues ? this.pValues[node - this.n] : NaN;
    return Number.isNaN(p) ? null : p;
  }

  get top() {
    return this.n > 1 ? this.heights[this.n - 2] : 0;
  }

  larger(node) {
    const a = this.left[node - this.n];
    const b = this.right[node - this.n];
    const difference = this.size(a) - this.size(b);
    return difference > 0 || (difference === 0 && this.firstRow[a] < this.firstRow[b]) ? a : b;
  }

  /** Number of merges strictly below a threshold: those that are made. */
  merged(threshold) {
    let low = 0;
    let high = this.n - 1;
    while (low < high) {
      const half = (low + high) >> 1;
      if (this.heights[half] < threshold) low = half + 1;
      else high = half;
    }
    return low;
  }

  nClusters(threshold) {
    return this.n - this.merged(threshold);
  }

  /** The nodes that are clusters once `merged` merges are made, in the order of the leaves. */
  clusters(merged) {
    const found = new Int32Array(this.n - merged);
    const stack = [this.root];
    let k = 0;
    while (stack.length) {
      const node = stack.pop();
      if (node < this.n + merged) found[k++] = node;
      else stack.push(this.right[node - this.n], this.left[node - this.n]);
    }
    return found;
  }

  /** The threshold after the next merge, all merges of the same height together. */
  next(threshold) {
    const merged = this.merged(threshold);
    if (merged >= this.n - 1) return threshold;
    const height = this.heights[merged];
    let after = merged;
    while (after < this.n - 1 && this.heights[after] === height) after++;
    return between(height, after < this.n - 1 ? this.heights[after] : Infinity);
  }

  /** The threshold before the last merge made. */
  previous(threshold) {
    const merged = this.merged(threshold);
    if (!merged) return threshold;
    const height = this.heights[merged - 1];
    let first = merged - 1;
    while (first > 0 && this.heights[first - 1] === height) first--;
    if (first) return between(this.heights[first - 1], height);
    return height > 0 ? between(0, height) : 0;
  }

  /** The widest ranges of thresholds without a merge, from low to high: [low, high, clusters]. */
  get plateaus() {
    if (this.cachedPlateaus) return this.cachedPlateaus;
    const widest = [];
    for (let i = 0; i < this.n - 2; i++) {
      const width = this.heights[i + 1] - this.heights[i];
      if (width > 0 && (widest.length < 12 || width > widest[11][0])) {
        widest.push([width, i]);
        widest.sort((a, b) => b[0] - a[0] || a[1] - b[1]);
        widest.length = Math.min(widest.length, 12);
      }
    }
    widest.sort((a, b) => a[1] - b[1]);
    this.cachedPlateaus = widest.map(([, i]) => [this.heights[i], this.heights[i + 1], this.n - 1 - i]);
    return this.cachedPlateaus;
  }

  /** A threshold in the middle of the next plateau up (direction 1) or down (-1). */
  plateau(threshold, direction) {
    const apart = this.plateaus.filter(([low, high]) =>
      direction > 0 ? low >= threshold : high < threshold);
    if (!apart.length) return threshold;
    const [low, high] = direction > 0 ? apart[0] : apart[apart.length - 1];
    return between(low + (high - low) * 0.4, low + (high - low) * 0.6);
  }

  /**
   * What the merges first..last-1 made: one group for each cluster at `last` that
   * was several at `first`; its parts, largest first, each with the height at
   * which it was first merged.
   */
  ledger(first, last) {
    const { n } = this;
    const owner = new Int32Array(Math.max(last - first, 0));
    const groups = new Map();
    for (let i = last - 1; i >= first; i--) {
      const above = this.parent[n + i];
      const top = above >= 0 && above < n + last ? owner[above - n - first] : n + i;
      owner[i - first] = top;
      if (top === n + i) groups.set(top, { node: top, parts: [], merges: [] });
      const group = groups.get(top);
      group.merges.push(i);
      for (const child of [this.left[i], this.right[i]]) {
        if (child < n + first) group.parts.push({ node: child, joined: this.heights[i] });
      }
    }
    for (const group of groups.values()) {
      group.parts.sort((a, b) => this.bySize(a.node, b.node));
      group.size = this.size(group.node);
      group.moved = group.size - this.size(group.parts[0].node);
      group.low = this.heights[group.merges[group.merges.length - 1]];
      group.high = this.heights[group.merges[0]];
    }
    return [...groups.values()];
  }

  bySize(a, b) {
    return this.size(b) - this.size(a) || this.firstRow[a] - this.firstRow[b];
  }

  /** The nearest rows of different parts of a group: [place, place, distance], or null. */
  closestAcross(group) {
    if (!this.closest) return null;
    const [first, second, distance] = this.closest;
    let best = -1;
    for (const i of group.merges) {
      if (Number.isNaN(distance[i])) return null;
      if (best < 0 || distance[i] < distance[best]) best = i;
    }
    return [first[best], second[best], distance[best]];
  }
}

/** The shortest decimal above `low` and not above `high`. */
export function between(low, high) {
  if (high === Infinity) {
    const step = 10 ** Math.floor(Math.log10(Math.max(low, 1e-12)) - 1);
    return Number(((Math.floor(low / step) + 1) * step).toPrecision(12));
  }
  for (let digits = 0; digits <= 15; digits++) {
    const value = Number((Math.floor(high * 10 ** digits) / 10 ** digits).toFixed(digits));
    if (value > low && value <= high) return value;
  }
  return high;
}

function isSorted(values) {
  for (let i = 1; i < values.length; i++) if (values[i] < values[i - 1]) return false;
  return true;
}
