// What the page knows of the rows and of their clusters, whatever made them.

import { accumulated, readNames, strings } from "./data.js";
import { ChainColours, readPalette, suitPalette } from "./colours.js";
import { cutLabels, cutTree } from "./cut.js";
import { oneLine } from "./dom.js";
import { Tree } from "./tree.js";

const NO_SILHOUETTE = -32768;

/** The rows of a dataset, by place. */
export class Rows {
  constructor(document, arrays) {
    this.n = document.n;
    this.row = arrays[document.order];
    this.ids = document.ids === null ? null
      : document.id_form ? numberedIds(arrays[document.ids], document.id_form, this.row)
      : strings(arrays[document.ids], this.n);
    this.named = document.named;
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
    return oneLine(this.text(place)) || (this.telling ? this.id(place) : `row ${this.id(place)}`);
  }

  /** Whether a row can stand for others: not where it is only a number. */
  get telling() {
    return Boolean(this.texts || (this.ids && this.named));
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

/** A run: rows, the clusters it found, and its tree where it has one. */
export class Model {
  constructor(document, arrays) {
    this.document = document;
    this.rows = new Rows(document.rows, arrays);
    this.n = this.rows.n;
    // A dataset that was only inspected is one group without a name.
    this.clustered = document.clusters !== null;
    this.clusters = this.clustered ? readClusters(document.clusters, document.words, arrays)
      : { label: "", labels: new Int32Array(this.n), names: [], health: [], silhouettes: null };
    this.maps = readMaps(document.maps, arrays);
    this.palette = readPalette(document);
    this.alone = 0x999999;
    this.tree = document.tree ? new Tree(document.tree, document.words, arrays, this.rows.row) : null;
    this.band = document.tree && document.tree.band ? readBand(document.tree.band, arrays) : null;
    this.cuts = new Map();
    this.ownNames = new Map();
    // Clusters that are no cut of a height are given once for all, and there are no lines.
    this.hasLines = Boolean(this.tree && document.tree.thresholds);
    if (this.hasLines) this.prepareLines(document.tree.thresholds);
    else this.fixed = cutLabels(this.rows, this.clusters.labels, this.palette, this.tree);
  }

  /** Fit the colours to a light or a dark ground; rows alone have a colour of the theme. */
  suit(theme) {
    suitPalette(this.palette, this.document, theme.dark);
    this.alone = theme.aloneNumber;
    this.cuts.clear();
    if (this.fixed) this.fixed = cutLabels(this.rows, this.clusters.labels, this.palette, this.tree);
  }

  prepareLines([from, to]) {
    const { tree } = this;
    const nClusters = this.clusters.labels.reduce((most, label) => Math.max(most, label), -1) + 1;
    this.runMerged = tree.n - nClusters;
    this.thresholds = tree.monotone ? [from, to] : [this.runMerged + 0.5, this.runMerged + 0.5];
    this.colours = new ChainColours(tree, this.palette, tree.merged(this.thresholds[1]));
    this.nameNodes();
  }

  /** Give the names of the run's clusters to the nodes that they are, if they are a cut of the tree. */
  nameNodes() {
    const { tree, clusters } = this;
    const cut = cutTree(this.rows, tree, this.runMerged, this.colours, this.alone);
    const fits = clusters.labels.every((label, place) => label === cut.numbers[cut.at(place)]);
    if (!fits) this.runMerged = -1;
    else if (clusters.names.length) {
      cut.nodes.forEach((node, index) => {
        const merge = node - tree.n;
        if (merge >= 0 && !tree.names.has(merge)) tree.names.set(merge, clusters.names[cut.numbers[index]]);
      });
    }
  }

  /** The clusters at a threshold; those of the run where there are no lines. */
  cut(threshold) {
    if (!this.hasLines) return this.fixed;
    const merged = this.tree.merged(threshold);
    if (!this.cuts.has(merged)) {
      if (this.cuts.size >= 4) this.cuts.delete(this.cuts.keys().next().value);
      this.cuts.set(merged, cutTree(this.rows, this.tree, merged, this.colours, this.alone));
    }
    return this.cuts.get(merged);
  }

  /** The greatest height at which two clusters meet: above it only noise joins, which may be far away. */
  highestMeeting() {
    const { tree, fixed } = this;
    const clusters = new Int32Array(2 * tree.n - 1);
    for (const index of fixed.order) clusters[this.clusterOver(fixed.starts[index], fixed)] = 1;
    let height = 0;
    for (let i = 0; i < tree.n - 1; i++) {
      const [a, b] = [clusters[tree.left[i]], clusters[tree.right[i]]];
      clusters[tree.n + i] = Math.max(clusters[tree.n + i], a, b);
      if (a && b) height = tree.heights[i];
    }
    return height || tree.top;
  }

  /** The least height at which a cluster of several rows is complete. */
  lowestCluster() {
    const { tree, fixed } = this;
    let height = Infinity;
    for (const index of fixed.order) {
      const node = this.clusterOver(fixed.starts[index], fixed);
      if (node >= tree.n) height = Math.min(height, tree.height(node));
    }
    return Number.isFinite(height) ? height : 0;
  }

  /** The colour of a node inside a cluster of a cut; null where it is above all clusters. */
  nodeColour(node, cut) {
    if (!cut.holds(node)) return null;
    if (!this.hasLines) return cut.colours[cut.at(this.tree.start[node])];
    return node < this.tree.n ? this.alone : this.colours.of(node);
  }

  /** The cluster over a place, or the row itself where it is in none. */
  clusterOver(place, cut) {
    let node = place;
    const { parent } = this.tree;
    while (parent[node] >= 0 && cut.holds(parent[node])) node = parent[node];
    return node;
  }

  /** Whether a cut is the clustering of the run, for which scores were computed. */
  isRunCut(cut) {
    return !this.hasLines || cut.merged === this.runMerged;
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
    const own = this.ownNames.get(`n${node}`);
    if (own) return own;
    const name = node >= this.tree.n ? this.tree.names.get(node - this.tree.n) : null;
    return name && name[0] ? oneLine(name[0], 120) : this.rows.describe(this.central(node));
  }

  /** What to call a node where some clusters are shown: a cluster by its own name. */
  label(node, cut) {
    if (!this.hasLines) while (node >= this.tree.n && !cut.holds(node)) node = this.tree.larger(node);
    const index = cut.at(this.tree.start[node]);
    const whole = cut.starts[index] === this.tree.start[node] && cut.ends[index] === this.tree.end[node];
    return whole && !cut.isNoise(index) ? this.name(cut, index) : this.nodeName(node);
  }

  /** What a cluster is known by in `ownNames`: its node, or its number where there are no lines. */
  key(cut, index) {
    return cut.nodes ? `n${cut.nodes[index]}` : `c${cut.numbers[index]}`;
  }

  /** Take the names that the user gave, as they are kept in the state. */
  takeNames(text) {
    try {
      this.ownNames = new Map(Object.entries(JSON.parse(text || "{}")).map(([key, name]) => [key, oneLine(String(name), 120)]));
    } catch {
      this.ownNames = new Map(); // an address that somebody edited
    }
  }

  /** The names of the user as they are kept, with another one; none where it is empty. */
  withName(cut, index, name) {
    const names = new Map(this.ownNames);
    if (name) names.set(this.key(cut, index), name);
    else names.delete(this.key(cut, index));
    return names.size ? JSON.stringify(Object.fromEntries(names)) : "";
  }

  /** What to call a range of a cut. */
  name(cut, index) {
    if (cut.isNoise(index)) return "noise";
    const own = this.ownNames.get(this.key(cut, index));
    if (own) return own;
    const [title, , places] = this.givenName(cut, index);
    if (title) return oneLine(title, 120);
    if (!this.rows.telling) return `cluster ${cut.numbers[index]}`;
    if (places.length) return this.rows.describe(places[0]);
    return this.tree ? this.nodeName(this.clusterOver(cut.starts[index], cut)) : this.rows.describe(cut.starts[index]);
  }

  terms(cut, index) {
    return cut.isNoise(index) ? [] : this.givenName(cut, index)[1];
  }

  /** The name that came with the data: of the node, or of the cluster of the run. */
  givenName(cut, index) {
    const node = cut.nodes ? cut.nodes[index] - this.tree.n : -1;
    const named = !this.hasLines ? this.clusters.names[cut.numbers[index]] : null;
    return (node >= 0 && this.tree.names.get(node)) || named || ["", [], []];
  }
}

export function readClusters(document, words, arrays) {
  return {
    label: document.label,
    labels: arrays[document.labels],
    names: readNames(document.names, words, arrays),
    health: document.health,
    silhouettes: document.silhouettes === null ? null
      : Float32Array.from(arrays[document.silhouettes], (v) => (v === NO_SILHOUETTE ? NaN : v / 1000)),
  };
}

export function readMaps(documents, arrays) {
  const steps = (differences) => accumulated(differences).map((value) => value << 3); // of 65,536 along the longer side
  return documents.map((map) => ({ ...map, x: steps(arrays[map.x]), y: steps(arrays[map.y]), grid: null }));
}

function numberedIds(numbers, [prefix, width], row) {
  return Array.from(row, (r) => prefix + String(numbers[r]).padStart(width, "0"));
}

function readBand(band, arrays) {
  const optional = (number) => (number === null ? null : arrays[number]);
  return { ...band, before: optional(band.before), after: optional(band.after), pValues: optional(band.p_values) };
}
