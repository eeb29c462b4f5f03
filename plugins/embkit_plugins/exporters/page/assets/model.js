// What the page knows of the rows and of their clusters, whatever made them.

import { strings } from "./data.js";
import { ChainColours, paletteColour } from "./colours.js";
import { oneLine } from "./dom.js";
import { Tree } from "./tree.js";

const NO_SILHOUETTE = -32768;

/** The rows of a dataset, by place. */
export class Rows {
  constructor(document, arrays) {
    this.n = document.n;
    this.row = arrays[document.order];
    this.ids = document.ids === null ? null : strings(arrays[document.ids], this.n);
    this.texts = document.texts === null ? null : strings(arrays[document.texts], this.n);
    this.columns = document.columns.map((column) => ({
      name: column.name,
      numbers: column.numbers === undefined ? null : arrays[column.numbers],
      levels: column.levels === undefined ? null : strings(arrays[column.levels], 1),
      codes: column.codes === undefined ? null : arrays[column.codes],
    }));
    this.folded = null;
  }

  id(place) {
    return this.ids ? this.ids[place] : String(this.row[place]);
  }

  text(place) {
    return this.texts ? this.texts[place] : "";
  }

  describe(place) {
    return oneLine(this.text(place)) || this.id(place);
  }

  value(column, place) {
    return column.numbers ? column.numbers[place] : column.levels[column.codes[place]];
  }

  /** Which places hold the query in their text or id; upper and lower case are one. */
  search(query) {
    const wanted = query.toLowerCase();
    const hits = new Uint8Array(this.n);
    if (!wanted) return hits;
    this.folded ??= [this.texts, this.ids].map((values) => values && values.map((value) => value.toLowerCase()));
    const [texts, ids] = this.folded;
    for (let p = 0; p < this.n; p++) {
      if ((texts && texts[p].includes(wanted)) || (ids ? ids[p].includes(wanted) : this.id(p) === wanted)) hits[p] = 1;
    }
    return hits;
  }
}

/** A partition of the places into ranges, with a colour for each. */
export class Cut {
  constructor(rows, starts, ends, colours, nodes = null, noise = -1) {
    Object.assign(this, { rows, starts, ends, colours, nodes, noise, k: starts.length });
    this.nClusters = noise < 0 ? this.k : this.k - 1;
    this.byNumber = null;
  }

  size(index) {
    return this.ends[index] - this.starts[index];
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

  /** Indices by cluster number: 0 is the largest, ties by first row; noise last. */
  get order() {
    if (this.byNumber) return this.byNumber;
    const first = new Float64Array(this.k);
    for (let i = 0; i < this.k; i++) {
      let least = Infinity;
      for (let p = this.starts[i]; p < this.ends[i]; p++) least = Math.min(least, this.rows.row[p]);
      first[i] = least;
    }
    const isNoise = (i) => Number(i === this.noise);
    this.byNumber = Int32Array.from({ length: this.k }, (_, i) => i).sort(
      (a, b) => isNoise(a) - isNoise(b) || this.size(b) - this.size(a) || first[a] - first[b]);
    return this.byNumber;
  }

  /** The number of each range, -1 for noise. */
  get numbers() {
    if (!this.byIndex) {
      this.byIndex = new Int32Array(this.k);
      this.order.forEach((index, number) => (this.byIndex[index] = index === this.noise ? -1 : number));
    }
    return this.byIndex;
  }
}

/** A run: rows, the clusters it found, and its tree where it has one. */
export class Model {
  constructor(document, arrays) {
    this.document = document;
    this.rows = new Rows(document.rows, arrays);
    this.n = this.rows.n;
    this.clusters = readClusters(document.clusters, arrays);
    this.maps = readMaps(document.maps, arrays);
    this.palette = document.palette.map((hex) => parseInt(hex.slice(1), 16));
    this.alone = 0x999999;
    this.tree = document.tree ? new Tree(document.tree, arrays, this.rows.row) : null;
    this.band = document.tree && document.tree.band ? readBand(document.tree.band, arrays) : null;
    this.cuts = new Map();
    if (this.tree) this.prepareTree(document.tree.thresholds);
    else this.flat = flatCut(this.rows, this.clusters.labels, this.palette);
  }

  prepareTree([from, to]) {
    const { tree } = this;
    const counts = this.clusters.labels.reduce((most, label) => Math.max(most, label), -1) + 1;
    const atCount = (merged) => Math.max(tree.n - merged, 0) + 0.5;
    this.runMerged = tree.n - counts;
    this.thresholds = tree.monotone ? [from, to] : [this.runMerged + 0.5, this.runMerged + 0.5];
    this.atCount = atCount;
    this.colours = new ChainColours(tree, this.document.palette, tree.merged(this.thresholds[1]));
  }

  /** The clusters at a threshold; those of the run where there is no tree. */
  cut(threshold) {
    return this.tree ? this.cutAfter(this.tree.merged(threshold)) : this.flat;
  }

  cutAfter(merged) {
    const known = this.cuts.get(merged);
    if (known) return known;
    const { tree, rows } = this;
    const nodes = tree.clusters(merged);
    const starts = new Int32Array(nodes.length);
    const ends = new Int32Array(nodes.length);
    const colours = new Int32Array(nodes.length);
    for (let i = 0; i < nodes.length; i++) {
      starts[i] = tree.start[nodes[i]];
      ends[i] = tree.end[nodes[i]];
      colours[i] = nodes[i] < tree.n ? this.alone : this.colours.of(nodes[i]);
    }
    const cut = new Cut(rows, starts, ends, colours, nodes);
    cut.merged = merged;
    if (this.cuts.size >= 4) this.cuts.delete(this.cuts.keys().next().value);
    this.cuts.set(merged, cut);
    return cut;
  }

  /** Whether a cut is the clustering of the run, for which scores were computed. */
  isRunCut(cut) {
    return !this.tree || cut.merged === this.runMerged;
  }

  /** The most central row of a node, as far as it is known. */
  central(node) {
    const { tree } = this;
    while (node >= tree.n) {
      const name = tree.names.get(node - tree.n);
      if (name && name[2].length) return name[2][0];
      const place = tree.central ? tree.central[node - tree.n] : -1;
      if (place >= 0) return place;
      node = tree.larger(node);
    }
    return node;
  }

  nodeName(node) {
    const name = node >= this.tree.n ? this.tree.names.get(node - this.tree.n) : null;
    return name && name[0] ? oneLine(name[0], 120) : this.rows.describe(this.central(node));
  }

  /** What to call a range of a cut. */
  name(cut, index) {
    if (index === cut.noise) return "noise";
    if (cut.nodes) return this.nodeName(cut.nodes[index]);
    const name = this.clusters.names[cut.numbers[index]];
    if (name && name[0]) return oneLine(name[0], 120);
    return this.rows.describe(name && name[2].length ? name[2][0] : cut.starts[index]);
  }

  terms(cut, index) {
    if (index === cut.noise) return [];
    if (!cut.nodes) return (this.clusters.names[cut.numbers[index]] || [0, []])[1];
    const node = cut.nodes[index];
    return node >= this.tree.n ? (this.tree.names.get(node - this.tree.n) || [0, []])[1] : [];
  }
}

export function readClusters(document, arrays) {
  return {
    label: document.label,
    labels: arrays[document.labels],
    names: document.names,
    health: document.health,
    silhouettes: document.silhouettes === null ? null
      : Float32Array.from(arrays[document.silhouettes], (v) => (v === NO_SILHOUETTE ? NaN : v / 10000)),
  };
}

export function readMaps(documents, arrays) {
  return documents.map((map) => ({ ...map, x: arrays[map.x], y: arrays[map.y], grid: null }));
}

function readBand(band, arrays) {
  const optional = (number) => (number === null ? null : arrays[number]);
  return { ...band, before: optional(band.before), after: optional(band.after), pValues: optional(band.p_values) };
}

/** The cut of labels whose places are in the order of the labels, noise last. */
export function flatCut(rows, labels, palette) {
  const starts = [];
  const ends = [];
  const colours = [];
  let noise = -1;
  for (let p = 0; p < labels.length; p++) {
    if (p && labels[p] === labels[p - 1]) continue;
    if (p) ends.push(p);
    if (labels[p] < 0) noise = starts.length;
    colours.push(labels[p] < 0 ? -1 : paletteColour(palette, labels[p]));
    starts.push(p);
  }
  ends.push(labels.length);
  return new Cut(rows, Int32Array.from(starts), Int32Array.from(ends), Int32Array.from(colours), null, noise);
}
