// Two clusterings side by side: a map for each with aligned colours, the rows with both, what they share.

import { ScatteredCut } from "../state/cut.js";
import { count, h, oneLine, percent, swatch } from "../state/dom.js";
import { css } from "../state/colours.js";
import { MapPanel } from "../views/mappanel.js";
import { alignedColours, numberedColours, overlaps } from "../state/overlap.js";
import { Selection } from "../state/selection.js";
import { Texts } from "../views/texts.js";
import { VirtualGrid } from "../views/virtual.js";

export class Sides {
  /** context as for MapPanel without nameOf; titles: ["Before", "After"] */
  constructor(context, titles) {
    Object.assign(this, context);
    this.titles = titles;
    this.cuts = null;
    this.panels = context.maps.length ? titles.map((title, side) => new MapPanel(
      { ...context, tree: null, silhouettes: null, nameOf: (cut, index) => this.nameOf(side, index) }, { title, name: "map" })) : [];
    this.texts = new Texts({ ...context, silhouettes: null }, titles);
    this.cells = [];
    this.grid = new VirtualGrid({
      label: "Rows that clusters share", rowHeight: 30, class: "overlap-grid",
      columns: [{ title: titles[0], class: "wide" }, { title: titles[1], class: "wide" }, { title: "Rows", class: "number" },
        { title: `of ${titles[0].toLowerCase()}`, class: "number optional" }, { title: `of ${titles[1].toLowerCase()}`, class: "number optional" }],
      fill: (cells, index) => this.fill(cells, this.cells[index]),
      onEnter: (index) => this.selectCell(this.cells[index]),
      onClick: (index) => this.selectCell(this.cells[index]),
    });
    this.overlap = h("div", { class: "panel-body" }, this.grid.element);
  }

  get views() {
    return this.panels.map(({ view }) => view);
  }

  /** Show two clusterings, each {labels, names, label}. */
  compare(clusterings) {
    this.clusterings = clusterings;
    const [before, after] = clusterings.map(({ labels }) => labels);
    const cells = overlaps(before, after);
    const [nBefore, nAfter] = [before, after].map((labels) => labels.reduce((most, label) => Math.max(most, label), -1) + 1);
    this.cuts = [new ScatteredCut(this.rows, before, alignedColours(cells, nBefore, nAfter, this.palette)),
      new ScatteredCut(this.rows, after, numberedColours(nAfter, this.palette))];
    this.allCells = cells;
  }

  nameOf(side, index) {
    const cut = this.cuts[side];
    if (cut.isNoise(index)) return "noise";
    const [title, , places] = this.clusterings[side].names[index] || ["", [], []];
    if (!title && !this.rows.telling) return `cluster ${index}`;
    return title ? oneLine(title, 120) : this.rows.describe(places.length ? places[0] : cut.member(index, 0));
  }

  show(theme) {
    this.panels.forEach((panel, side) => panel.show(this.cuts[side], theme));
    this.showTables();
  }

  showTables() {
    const { state } = this;
    this.texts.show(this.cuts);
    if (state.tab !== "shared") return;
    if (!state.focus) this.cells = this.allCells;
    else {
      const places = state.focus;
      const pick = (labels) => labels.filter((_, p) => places[p]);
      this.cells = overlaps(...this.clusterings.map(({ labels }) => pick(labels)));
    }
    this.grid.resize(this.cells.length);
  }

  indexOf(side, label) {
    return label < 0 ? this.cuts[side].nClusters : label;
  }

  fill(cells, { before, after, rows }) {
    [before, after].forEach((label, side) => {
      const index = this.indexOf(side, label);
      const noise = label < 0;
      const name = this.nameOf(side, index);
      cells[side].replaceChildren(swatch(noise ? "var(--noise)" : css(this.cuts[side].colours[index])),
        noise || !this.rows.telling ? name : `${label} · ${name}`);
      cells[3 + side].textContent = percent(rows / this.cuts[side].size(index));
    });
    cells[2].textContent = count(rows);
  }

  selectCell({ before, after }) {
    const places = [];
    const [first, second] = this.clusterings.map(({ labels }) => labels);
    first.forEach((label, p) => label === before && second[p] === after && places.push(p));
    this.store.set({ selected: new Selection(this.rows.n, places) });
    this.announce(`${count(places.length)} rows selected`);
  }

  /** The lines of a note about a row: its text, and its cluster on either side. */
  tip({ place }) {
    const cluster = (cut, side) => `${this.titles[side].toLowerCase()}: ${cut.isNoise(cut.at(place)) ? "noise" : `cluster ${cut.at(place)}`}`;
    return [this.rows.describe(place), this.rows.id(place), this.cuts.map(cluster).join(" · ")];
  }
}
