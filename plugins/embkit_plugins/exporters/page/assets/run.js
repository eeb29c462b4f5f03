// The page of a run: tree and ledger where there is a tree, map, texts, clusters.

import { about } from "./about.js";
import { ClusterTable } from "./clusters.js";
import { Dendrogram } from "./dendrogram.js";
import { button, count, h, plural, theme } from "./dom.js";
import { Frame, panel, Tabs } from "./frame.js";
import { Ledger } from "./ledger.js";
import { Lines } from "./lines.js";
import { MapPanel } from "./mappanel.js";
import { Model } from "./model.js";
import { saveCsv } from "./save.js";
import { selectionCodec, sums } from "./selection.js";
import { Store } from "./store.js";
import { Texts } from "./texts.js";

export class RunPage {
  constructor(root, document, arrays) {
    const model = (this.model = new Model(document, arrays));
    const [from, to] = model.tree ? model.thresholds : [0, 0];
    const store = (this.store = new Store({
      from, to, query: "", map: model.maps.length ? model.maps[0].name : "", colour: "cluster",
      sort: "tree", order: "moved", tab: "texts", selected: null,
    }, selectionCodec(model.n)));
    Object.assign(store.state, { focus: null, focusSums: null, hits: null, hitSums: null, hitCount: 0 });
    this.frame = new Frame(root, document, store);
    this.context = {
      model, store, state: store.state, rows: model.rows, maps: model.maps, tree: model.tree,
      clusters: model.clusters, silhouettes: model.clusters.silhouettes, palette: model.palette,
      name: fileName(document.title), announce: (sentence) => this.frame.announce(sentence),
      hover: (range, info) => this.hover(range, info),
      nameOf: (cut, index) => model.name(cut, index), termsOf: (cut, index) => model.terms(cut, index),
      zoomTo: (start, end) => this.dendrogram.zoomTo(start, end),
    };
    this.build(document);
    this.useTheme();
    for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
      matchMedia(query).addEventListener("change", () => this.useTheme());
    }
    store.subscribe((state, changed) => this.update(changed));
    window.addEventListener("hashchange", () => store.set(store.readAddress()));
    window.addEventListener("beforeprint", () => this.print(true));
    window.addEventListener("afterprint", () => this.print(false));
    store.set(store.readAddress(), true);
    store.baseline = store.kept();
    this.update(new Set(["query", "selected", "from"]));
  }

  build(document) {
    const { context, frame } = this;
    const { model } = this;
    this.views = [];
    if (model.tree) {
      this.dendrogram = new Dendrogram(context);
      this.lines = new Lines(context, this.dendrogram);
      this.ledger = new Ledger(context);
      const unfold = button("Unfold", "Draw the merges below the lower line too", () => {
        this.dendrogram.unfold = !this.dendrogram.unfold;
        unfold.setAttribute("aria-pressed", String(this.dendrogram.unfold));
        this.dendrogram.draw();
      }, { "aria-pressed": "false" });
      const zoom = h("div", { class: "zoom" }, button("+", "Zoom in", () => this.dendrogram.zoom(1 / 1.5)),
        button("−", "Zoom out", () => this.dendrogram.zoom(1.5)), button("⤢", "Show all", () => this.dendrogram.showAll()));
      this.dendrogram.element.append(zoom);
      frame.main.append(panel("tree", "Dendrogram", [this.lines.element, unfold], this.dendrogram.element));
      this.views.push(this.dendrogram);
    }
    if (model.maps.length) {
      this.map = new MapPanel(context, { title: "Map" });
      frame.main.append(this.map.element);
      this.views.push(this.map.view);
    }
    if (model.tree) {
      const save = button("CSV", "Save the ledger as CSV", () => saveCsv(`${context.name}-merges.csv`, ...this.ledger.table()));
      frame.main.append(panel("ledger", "Merges between the lines", [this.ledger.choice, save], this.ledger.element));
    }
    this.texts = new Texts(context);
    this.clusterTable = new ClusterTable(context);
    this.tabs = new Tabs("rows", [["texts", model.rows.texts ? "Texts" : "Rows", this.texts.element],
      ["clusters", "Clusters", this.clusterTable.element], ["about", "About", about(document)]],
    (tab) => this.store.set({ tab }));
    frame.main.append(this.tabs.element);
    frame.main.classList.toggle("flat", !model.tree);
    frame.main.classList.toggle("mapless", !this.map);
  }

  useTheme() {
    this.theme = theme();
    this.model.alone = this.theme.aloneNumber;
    this.model.cuts.clear();
    if (this.map) this.map.columns.clear();
    if (this.lower) this.update(new Set(["from"]));
  }

  /** Bring every view up to date with what changed. */
  update(changed) {
    const { state } = this.store;
    const moved = changed.has("from") || changed.has("to");
    if (changed.has("query")) this.find();
    if (changed.has("query") || changed.has("selected")) this.focus();
    if (moved && this.model.tree && state.from > state.to) state.to = state.from;
    this.lower = this.model.cut(state.from);
    this.higher = this.model.cut(state.to);
    const dragging = Boolean(this.lines && this.lines.dragging);
    const refocused = changed.has("query") || changed.has("selected");
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
      if (this.store.state.tab === "clusters") this.clusterTable.show(this.higher, isRunCut);
      this.texts.show(this.higher, isRunCut);
    };
    if (changed.has("query") || changed.has("selected") || changed.has("sort") || changed.has("tab")) all();
    else if (moved && (dragging || this.higher.k > 5000)) {
      // What has to be sorted or numbered waits until the line comes to rest.
      this.settling = setTimeout(all, 120);
    } else if (moved) all();
  }

  find() {
    const { state } = this.store;
    state.hits = state.query ? this.model.rows.search(state.query) : null;
    state.hitSums = state.hits ? sums(state.hits) : null;
    state.hitCount = state.hits ? state.hitSums[this.model.n] : 0;
    if (state.query) this.frame.announce(`${plural(state.hitCount, "row")} found`);
  }

  /** What is both found and selected is in focus; everything where nothing is. */
  focus() {
    const { state } = this.store;
    const { selected, hits } = state;
    state.focus = selected && hits ? selected.mask.map((on, p) => on & hits[p]) : selected ? selected.mask : hits;
    state.focusSums = state.focus ? sums(state.focus) : null;
  }

  facts() {
    const { tree, clusters, n } = this.model;
    const { higher } = this;
    const noise = higher.noise < 0 ? "" : ` and ${plural(higher.size(higher.noise), "row")} of noise`;
    const how = tree ? `${tree.method ? `${tree.method} linkage, ` : ""}${tree.metric}` : clusters.label;
    return `${plural(n, "row")} in ${plural(higher.nClusters, "cluster")}${noise}${how ? ` · ${how}` : ""}`;
  }

  hover(range, info) {
    for (const view of this.views) view.setHover(range);
    if (!info) this.frame.showTip(null);
    else this.frame.showTip(this.tip(info), info.x, info.y);
  }

  tip({ place, node }) {
    const { model, higher } = this;
    if (node !== undefined && node >= 0) {
      const joined = node >= model.n ? `, joined at ${Number(model.tree.height(node).toPrecision(4))}` : "";
      return [model.nodeName(node), `${plural(model.tree.size(node), "row")}${joined}`];
    }
    const index = higher.at(place);
    const cluster = index === higher.noise ? "noise" : `cluster ${count(higher.numbers[index])}, ${plural(higher.size(index), "row")}`;
    return [model.rows.describe(place), `${model.rows.id(place)} · ${cluster}`];
  }

  print(on) {
    for (const grid of [this.ledger && this.ledger.grid, this.texts.grid, this.clusterTable.grid]) {
      if (!grid) continue;
      grid.printing = on;
      grid.draw();
    }
  }
}

function fileName(title) {
  return title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 40) || "embkit";
}
