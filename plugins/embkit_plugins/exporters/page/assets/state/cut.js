// A partition of the rows into clusters and noise, as ranges of places.

import { paletteColour } from "./colours.js";
import { Selection } from "./selection.js";

export class Cut {
  /** Ranges from `starts` to `ends` with their colours; `noise` marks those that are noise. */
  constructor(rows, starts, ends, colours, { nodes = null, noise = null, merged = -1, inside = null } = {}) {
    Object.assign(this, { rows, starts, ends, colours, nodes, noise, merged, inside, k: starts.length });
    this.nClusters = 0;
    this.nNoise = 0;
    for (let i = 0; i < this.k; i++) {
      if (this.isNoise(i)) this.nNoise += this.size(i);
      else this.nClusters++;
    }
    this.byNumber = null;
    this.byIndex = null;
  }

  isNoise(index) {
    return this.noise !== null && this.noise[index] === 1;
  }

  size(index) {
    return this.ends[index] - this.starts[index];
  }

  /** A member of a range by its number in it. */
  member(index, j) {
    return this.starts[index] + j;
  }

  /** The places of a range as first and last: what is hovered over. */
  span(index) {
    return [this.starts[index], this.ends[index]];
  }

  select(index) {
    return Selection.range(this.rows.n, this.starts[index], this.ends[index]);
  }

  /** How many of a range are in a set, given as a mask and its running sums. */
  among(index, mask, sums) {
    return sums[this.ends[index]] - sums[this.starts[index]];
  }

  paint(colours, index, colour) {
    colours.fill(colour, this.starts[index], this.ends[index]);
  }

  /** Whether a node of the tree lies within a cluster, or is one. */
  holds(node) {
    return this.inside ? this.inside[node] === 1 : node < this.rows.n + this.merged;
  }

  /** The index of the range that holds a place. */
  at(place) {
    let low = 0;
    let high = this.k - 1;
    while (low < high) {
      const half = (low + high + 1) >> 1;
      if (this.starts[half] <= place) low = half;
      else high = half - 1;
    }
    return low;
  }

  /** Indices of the clusters by their number: 0 is the largest, ties by first row. */
  get order() {
    if (this.byNumber) return this.byNumber;
    const first = new Float64Array(this.k);
    const clusters = [];
    for (let i = 0; i < this.k; i++) {
      if (this.isNoise(i)) continue;
      clusters.push(i);
      let least = Infinity;
      for (let p = this.starts[i]; p < this.ends[i]; p++) least = Math.min(least, this.rows.row[p]);
      first[i] = least;
    }
    this.byNumber = Int32Array.from(clusters.sort((a, b) => this.size(b) - this.size(a) || first[a] - first[b]));
    return this.byNumber;
  }

  /** The number of each range, -1 for noise. */
  get numbers() {
    if (this.byIndex) return this.byIndex;
    this.byIndex = new Int32Array(this.k).fill(-1);
    this.order.forEach((index, number) => (this.byIndex[index] = number));
    return this.byIndex;
  }
}

/** Clusters whose rows are anywhere: index c is cluster c, and noise comes last. */
export class ScatteredCut extends Cut {
  constructor(rows, labels, colours) {
    const nClusters = labels.reduce((most, label) => Math.max(most, label), -1) + 1;
    const indexOf = (label) => (label < 0 ? nClusters : label);
    const hasNoise = labels.includes(-1);
    const offsets = new Int32Array(nClusters + Number(hasNoise) + 1);
    for (const label of labels) offsets[indexOf(label) + 1]++;
    for (let i = 1; i < offsets.length; i++) offsets[i] += offsets[i - 1];
    const noise = Uint8Array.from({ length: offsets.length - 1 }, (_, i) => Number(i === nClusters));
    super(rows, offsets.slice(0, -1), offsets.slice(1), colours, { noise });
    this.labels = labels;
    this.members = new Int32Array(labels.length);
    const next = offsets.slice();
    labels.forEach((label, place) => (this.members[next[indexOf(label)]++] = place));
  }

  get order() {
    return (this.byNumber ??= Int32Array.from({ length: this.nClusters }, (_, i) => i));
  }

  at(place) {
    return this.labels[place] < 0 ? this.nClusters : this.labels[place];
  }

  member(index, j) {
    return this.members[this.starts[index] + j];
  }

  span(index) {
    return this.members.subarray(this.starts[index], this.ends[index]);
  }

  select(index) {
    return new Selection(this.rows.n, this.span(index));
  }

  among(index, mask) {
    let found = 0;
    for (const place of this.span(index)) found += mask[place];
    return found;
  }

  paint(colours, index, colour) {
    for (const place of this.span(index)) colours[place] = colour;
  }
}

/** The clusters of a tree once `merged` merges are made; a row alone has the colour `alone`. */
export function cutTree(rows, tree, merged, colours, alone) {
  const nodes = tree.clusters(merged);
  return new Cut(rows, Int32Array.from(nodes, (node) => tree.start[node]), Int32Array.from(nodes, (node) => tree.end[node]),
    Int32Array.from(nodes, (node) => (node < tree.n ? alone : colours.of(node))), { nodes, merged });
}

/** The clusters that labels make of places in their order: each a range, noise one or several. */
export function cutLabels(rows, labels, palette, tree = null) {
  const starts = [0];
  for (let p = 1; p < labels.length; p++) if (labels[p] !== labels[p - 1]) starts.push(p);
  const ends = [...starts.slice(1), labels.length];
  const noise = Uint8Array.from(starts, (p) => Number(labels[p] < 0));
  const colours = Int32Array.from(starts, (p) => (labels[p] < 0 ? 0 : paletteColour(palette, labels[p])));
  const cut = new Cut(rows, Int32Array.from(starts), Int32Array.from(ends), colours, { noise });
  // Of some rows of a run the sizes may be in another order than the run's.
  if (!tree) cut.byNumber = Int32Array.from(starts.keys()).filter((index) => !noise[index]);
  if (tree) {
    cut.inside = new Uint8Array(2 * tree.n - 1);
    for (let node = 0; node < cut.inside.length; node++) {
      const index = cut.at(tree.start[node]);
      cut.inside[node] = Number(!cut.isNoise(index) && tree.end[node] <= ends[index]);
    }
  }
  return cut;
}
