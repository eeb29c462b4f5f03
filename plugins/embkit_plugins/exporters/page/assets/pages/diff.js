// The page of two clusterings of the same rows: what became of the clusters.

import { about } from "../views/about.js";
import { Page } from "./base.js";
import { count, h, plural, short, swatch } from "../state/dom.js";
import { css, readPalette, suitPalette } from "../state/colours.js";
import { panel, Tabs } from "../views/frame.js";
import { readClusters, readMaps, Rows } from "../state/model.js";
import { Selection } from "../state/selection.js";
import { Sides } from "./sides.js";
import { VirtualGrid } from "../views/virtual.js";

const SHOWN = 4; // clusters on one side of a change

export class DiffPage extends Page {
  constructor(root, document, arrays) {
    const rows = new Rows(document.rows, arrays);
    const maps = readMaps(document.maps, arrays);
    super(root, document, rows, { map: maps.length ? maps[0].name : "", tab: "changes" });
    this.document = document;
    this.palette = readPalette(document);
    this.sides = new Sides({ ...this.context, maps, palette: this.palette }, ["Before", "After"]);
    this.sides.compare(document.clusterings.map((clusters) => readClusters(clusters, document.words, arrays)));
    this.views = this.sides.views;
    this.changes = document.changes.map(([kind, before, after, moved]) => ({ kind, sides: [before, after], moved }));
    this.build();
    this.start(["query", "selected"]);
  }

  build() {
    const { sides, frame, document } = this;
    this.grid = new VirtualGrid({
      label: "What became of the clusters", rowHeight: 46, class: "changes-grid",
      columns: [{ title: "Change", class: "kind" }, { title: "Before", class: "wide" }, { title: "After", class: "wide" }, { title: "Moved", class: "number" }],
      fill: (cells, index) => this.fill(cells, this.shown[index]),
      onEnter: (index) => this.select(this.shown[index]),
      onClick: (index) => this.select(this.shown[index]),
    });
    this.summary = h("p", { class: "summary" });
    const changes = h("div", { class: "panel-body" }, this.summary, this.grid.element);
    sides.clusterings.forEach(({ label }, side) => {
      if (sides.panels[side]) sides.panels[side].element.querySelector("h2").textContent = `${sides.titles[side]}: ${label}`;
    });
    this.tabs = new Tabs("rows", [["changes", "What moved", changes], ["shared", "Shared rows", sides.overlap],
      ["texts", this.rows.texts ? "Texts" : "Rows", sides.texts.element], ["about", "About", about(document)]],
    (tab) => this.store.set({ tab }));
    frame.main.append(...sides.panels.map(({ element }) => element), this.tabs.element);
    frame.main.classList.toggle("mapless", !sides.panels.length);
    const scores = document.scores.map(([, name, value]) => `${name.replaceAll("_", " ").replace(" rand", " Rand index")} ${typeof value === "number" ? short(value, 3) : value}`);
    const [before, after] = sides.cuts;
    const noise = (cut) => (cut.nNoise ? ` and ${count(cut.nNoise)} rows of noise` : "");
    frame.facts.textContent = [plural(this.rows.n, "row"), `${plural(before.nClusters, "cluster")}${noise(before)} before, ${count(after.nClusters)}${noise(after)} after`,
      ...scores].join(" · ");
  }

  update(changed) {
    const { state } = this.store;
    const refocused = changed.has("query") || changed.has("selected");
    if (refocused || changed.has("map") || changed.has("colour")) this.sides.show(this.theme);
    else if (changed.has("sort") || changed.has("tab")) this.sides.showTables();
    if (refocused) this.showChanges();
    this.tabs.show(state.tab);
  }

  showChanges() {
    const { state } = this.store;
    const touched = (change) => change.sides.some((labels, side) => labels.some((label) => this.sides.cuts[side].among(label, state.focus)));
    this.shown = state.focus ? this.changes.filter(touched) : this.changes;
    const kinds = new Map();
    for (const { kind } of this.shown) kinds.set(kind, (kinds.get(kind) || 0) + 1);
    this.summary.textContent = this.shown.length
      ? `${[...kinds].map(([kind, number]) => `${count(number)} ${kind}`).join(", ")}${state.focus ? ", with rows found or selected" : ""}.`
      : "No change to show.";
    this.grid.resize(this.shown.length);
  }

  fill([kind, before, after, moved], change) {
    kind.textContent = change.kind;
    [before, after].forEach((cell, side) => cell.replaceChildren(...this.clusters(change.sides[side], side)));
    moved.textContent = count(change.moved);
  }

  clusters(labels, side) {
    const { cuts } = this.sides;
    if (!labels.length) return [h("span", { class: "muted" }, "scattered")];
    const chips = labels.slice(0, SHOWN).flatMap((label) => [swatch(css(cuts[side].colours[label])), `${count(cuts[side].size(label))}  `]);
    const more = labels.length > SHOWN ? [`+ ${labels.length - SHOWN} more`] : [];
    return [h("div", {}, ...chips, ...more), h("div", { class: "names" }, labels.slice(0, 2).map((label) => this.sides.nameOf(side, label)).join(" · "))];
  }

  select({ sides }) {
    const places = sides.flatMap((labels, side) => labels.flatMap((label) => [...this.sides.cuts[side].span(label)]));
    const selected = new Selection(this.rows.n, places);
    this.store.set({ selected });
    this.frame.announce(`${plural(selected.count, "row")} selected`);
  }

  grids() {
    return [this.grid, this.sides.grid, this.sides.texts.grid];
  }

  themeChanged() {
    suitPalette(this.palette, this.document, this.theme.dark);
    this.sides.compare(this.sides.clusterings);
    for (const { columns } of this.sides.panels) columns.clear();
  }

  tip(info) {
    return this.sides.tip(info);
  }
}
