// The page of a run: tree and ledger where there is a tree, map, texts, clusters.

import { about } from "../views/about.js";
import { ClusterTable } from "../views/clusters.js";
import { Dendrogram } from "../views/dendrogram.js";
import { button, count, h, plural } from "../state/dom.js";
import { panel, Tabs } from "../views/frame.js";
import { Ledger } from "../views/ledger.js";
import { Lines } from "../views/lines.js";
import { MapPanel } from "../views/mappanel.js";
import { Model } from "../state/model.js";
import { saveCsv } from "../state/save.js";
import { Page } from "./base.js";
import { Texts } from "../views/texts.js";
import { supported } from "../views/treeinput.js";

export class RunPage extends Page {
  constructor(root, document, arrays) {
    const model = new Model(document, arrays);
    const [from, to] = model.hasLines ? model.thresholds : [0, 0];
    super(root, document, model.rows, { from, to, map: model.maps.length ? model.maps[0].name : "", order: "moved",
      colour: model.clustered || !model.rows.columns.length ? "cluster" : `column:${model.rows.columns[0].name}` });
    this.model = model;
    Object.assign(this.context, {
      model, maps: model.maps, tree: model.tree, clusters: model.clusters, silhouettes: model.clusters.silhouettes,
      palette: model.palette, clustered: model.clustered, nameOf: (cut, index) => model.name(cut, index), termsOf: (cut, index) => model.terms(cut, index),
      zoomTo: (start, end) => this.dendrogram.zoomTo(start, end),
    });
    this.build(document);
    this.start(["names", "query", "selected", "from"]);
  }

  build(document) {
    const { context, frame } = this;
    const { model } = this;
    if (model.tree) frame.main.append(this.treePanel());
    if (model.maps.length) {
      this.map = new MapPanel(context, { title: "Map" });
      frame.main.append(this.map.element);
      this.views.push(this.map.view);
    }
    if (model.hasLines) {
      this.ledger = new Ledger(context);
      const save = button("CSV", "Save the ledger as CSV", () => saveCsv(`${context.name}-merges.csv`, ...this.ledger.table()));
      frame.main.append(panel("ledger", "Merges between the lines", [this.ledger.choice, save], this.ledger.element));
    }
    this.texts = new Texts(context, model.clustered ? ["Cluster"] : []);
    this.clusterTable = new ClusterTable(context);
    const items = [["texts", model.rows.texts ? "Texts" : "Rows", this.texts.element],
      ["clusters", "Clusters", this.clusterTable.element], ["about", "About", about(document)]];
    if (!model.clustered) {
      items.splice(1, 2);
      frame.main.append(panel("ledger", "What was found", [], about(document)));
    } else if (!model.hasLines) {
      // Where no ledger is, there is room for the clusters beside the texts.
      items.splice(1, 1);
      frame.main.append(panel("ledger", "Clusters", [], this.clusterTable.element));
    }
    this.tabs = new Tabs("rows", items, (tab) => this.store.set({ tab }));
    frame.main.append(this.tabs.element);
    frame.main.classList.toggle("flat", !model.tree);
    frame.main.classList.toggle("mapless", !this.map);
  }

  treePanel() {
    const { context, model } = this;
    this.dendrogram = new Dendrogram(context);
    this.views.push(this.dendrogram);
    if (model.hasLines) this.lines = new Lines(context, this.dendrogram);
    const unfold = button("Unfold", "Draw the merges inside the clusters too", () => {
      this.dendrogram.unfold = !this.dendrogram.unfold;
      unfold.setAttribute("aria-pressed", String(this.dendrogram.unfold));
      this.dendrogram.draw();
    }, { "aria-pressed": "false" });
    this.dendrogram.element.append(h("div", { class: "zoom" }, button("+", "Zoom in", () => this.dendrogram.zoom(1 / 1.5)),
      button("−", "Zoom out", () => this.dendrogram.zoom(1.5)), button("⤢", "Show all", () => this.dendrogram.showAll())));
    const { note } = this.dendrogram;
    return panel("tree", "Dendrogram", this.lines ? [this.lines.element, unfold] : [unfold], this.dendrogram.element,
      ...(note ? [h("p", { class: "trust" }, note)] : []));
  }

  /** Bring every view up to date with what changed. */
  update(changed) {
    const { state } = this.store;
    const moved = changed.has("from") || changed.has("to");
    if (moved && this.model.hasLines && state.from > state.to) state.to = state.from;
    this.lower = this.model.cut(state.from);
    this.higher = this.model.cut(state.to);
    const dragging = Boolean(this.lines && this.lines.dragging);
    if (changed.has("names")) this.model.takeNames(state.names);
    const refocused = changed.has("query") || changed.has("selected") || changed.has("names");
    if (this.dendrogram && (moved || refocused)) this.dendrogram.show(this.lower, this.higher, this.theme);
    if (this.lines && moved) this.lines.show();
    if (this.map && (moved || refocused || changed.has("map") || changed.has("colour"))) this.map.show(this.higher, this.theme);
    if (this.ledger && (moved || refocused || changed.has("order"))) this.ledger.show(this.lower, this.higher, dragging);
    this.updateTables(changed, moved, dragging);
    this.tabs.show(state.tab);
    this.frame.facts.textContent = this.facts();
    this.frame.showHistory();
  }

  updateTables(changed, moved, dragging) {
    const isRunCut = this.model.isRunCut(this.higher);
    clearTimeout(this.settling);
    const all = () => {
      if (this.store.state.tab === "clusters" || !this.model.hasLines) this.clusterTable.show(this.higher, isRunCut);
      this.texts.show(this.model.clustered ? [this.higher] : [], isRunCut);
    };
    if (["query", "selected", "names", "sort", "tab"].some((key) => changed.has(key))) all();
    else if (moved && (dragging || this.higher.k > 5000)) {
      // What has to be sorted or numbered waits until the line comes to rest.
      this.settling = setTimeout(all, 120);
    } else if (moved) all();
  }

  facts() {
    const { tree, clusters, n } = this.model;
    const { higher } = this;
    if (!this.model.clustered) return `${plural(n, "row")}, not clustered`;
    const noise = higher.nNoise ? ` and ${plural(higher.nNoise, "row")} of noise` : "";
    const how = tree ? `${tree.method ? `${tree.method} linkage, ` : ""}${tree.metric}` : clusters.label;
    return `${plural(n, "row")} in ${plural(higher.nClusters, "cluster")}${noise}${how ? ` · ${how}` : ""}`;
  }

  tip({ place, node }) {
    const { model, higher } = this;
    if (node !== undefined && node >= 0) {
      const joined = node >= model.n ? `, joined at ${Number(model.tree.height(node).toPrecision(4))}${supported(model.tree.support(node))}` : "";
      return [model.label(node, this.lower), `${plural(model.tree.size(node), "row")}${joined}`];
    }
    if (!model.clustered) return [model.rows.describe(place), model.rows.id(place)];
    const index = higher.at(place);
    const cluster = higher.isNoise(index) ? "noise" : `cluster ${count(higher.numbers[index])}, ${plural(higher.size(index), "row")}`;
    return [model.rows.describe(place), `${model.rows.id(place)} · ${cluster}`];
  }

  grids() {
    return [this.ledger && this.ledger.grid, this.texts.grid, this.clusterTable.grid].filter(Boolean);
  }

  themeChanged() {
    this.model.suit(this.theme);
    if (this.map) this.map.columns.clear();
  }
}
