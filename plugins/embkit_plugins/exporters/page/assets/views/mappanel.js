// The map with its controls: which layout, coloured by what, and the legend.

import { button, count, h, oneLine, short, swatch } from "../state/dom.js";
import { columnColours, css, numberColours, sequential } from "../state/colours.js";
import { panel } from "./frame.js";
import { MapInput } from "./mapinput.js";
import { MapView } from "./map.js";
import { Selection } from "../state/selection.js";

const ENTRIES = 100; // in the legend; a column of more values is better searched

export class MapPanel {
  /** context: {rows, maps, tree, silhouettes, store, state, announce, hover, nameOf}; options: {title} */
  constructor(context, options) {
    Object.assign(this, context);
    this.view = new MapView(context, { label: options.title, nameOf: context.nameOf });
    this.input = new MapInput(this.view);
    this.columns = new Map();
    const select = (label, key, entries) => h("select", { "aria-label": label, onchange: (event) => this.store.set({ [key]: event.target.value }) },
      ...entries.map(([value, text]) => h("option", { value }, text)));
    this.layouts = select("Layout of the map", "map", this.maps.map(({ name }) => [name, name]));
    this.colourings = select("Colour of the map", "colour", this.choices());
    this.lassoButton = button("Lasso", "Draw a line about rows to select them", () => this.toggleLasso(), { "aria-pressed": "false" });
    this.trust = h("p", { class: "trust" });
    this.legend = h("div", { class: "legend", hidden: true, role: "group", "aria-label": "Legend" });
    const zoom = h("div", { class: "zoom" }, button("+", "Zoom in", () => this.view.zoomBy(1.5)),
      button("−", "Zoom out", () => this.view.zoomBy(1 / 1.5)), button("⤢", "Show all", () => this.view.zoomBy(0)));
    this.view.element.append(this.legend, zoom);
    this.element = panel(options.name || "map", options.title, [this.maps.length > 1 ? this.layouts : null,
      h("label", { class: "by" }, "by ", this.colourings), this.lassoButton].filter(Boolean), this.view.element, this.trust);
  }

  choices() {
    return [["cluster", this.clustered === false ? "nothing" : "cluster"], ...(this.tree ? [["height", "height of joining"]] : []),
      ...(this.silhouettes ? [["silhouette", "silhouette"]] : []),
      ...this.rows.columns.map(({ name }) => [`column:${name}`, oneLine(name, 40)])];
  }

  toggleLasso() {
    this.input.drawing = !this.input.drawing;
    this.lassoButton.setAttribute("aria-pressed", String(this.input.drawing));
    this.view.element.classList.toggle("drawing", this.input.drawing);
  }

  show(cut, theme) {
    const layout = this.maps.find(({ name }) => name === this.state.map) || this.maps[0];
    this.layouts.value = layout.name;
    const wanted = this.choices().some(([value]) => value === this.state.colour) ? this.state.colour : "cluster";
    this.colourings.value = wanted;
    const found = wanted === "cluster" ? this.byCluster(cut, theme) : this.byColumn(wanted, theme);
    this.view.show({ layout, colours: found.colours, cut, theme, named: wanted === "cluster" && this.clustered !== false });
    this.showTrust(layout);
    this.showLegend(wanted, found);
    const { hidden, offsetWidth, offsetHeight } = this.legend;
    this.view.leave(...(hidden || found.range ? [0, 0] : [offsetWidth, offsetHeight]));
  }

  byCluster(cut, theme) {
    const colours = (this.buffer ??= new Int32Array(this.rows.n));
    for (let i = 0; i < cut.k; i++) {
      cut.paint(colours, i, cut.isNoise(i) ? theme.noiseNumber : cut.colours[i]);
    }
    return { colours };
  }

  byColumn(wanted, theme) {
    if (this.columns.has(wanted)) return this.columns.get(wanted);
    const { tree, rows, silhouettes } = this;
    const missing = theme.noiseNumber;
    const found = wanted === "height"
      ? numberColours(Float64Array.from({ length: rows.n }, (_, p) => (tree.parent[p] < 0 ? 0 : tree.height(tree.parent[p]))), missing)
      : wanted === "silhouette" ? numberColours(silhouettes, missing)
      : columnColours(rows.columns.find(({ name }) => `column:${name}` === wanted), this.palette, missing);
    this.columns.set(wanted, found);
    return found;
  }

  showTrust({ trust, note }) {
    this.trust.textContent = trust === null ? note || "How faithful this map is was not measured." : `Trustworthiness ${trust.toFixed(3)} of 1 · ${note}`;
    this.trust.title = "Trustworthiness: how far the neighbours seen on the map are neighbours in the data; 1 is all of them.";
  }

  showLegend(wanted, { entries, range }) {
    const key = `${wanted} ${this.state.focus ? "focus" : ""}`;
    this.legend.hidden = wanted === "cluster";
    if (wanted === "cluster" || (key === this.legendKey && !this.state.focus)) return;
    this.legendKey = key;
    this.legend.classList.toggle("range", Boolean(range));
    if (range) {
      const bar = h("canvas", { width: "120", height: "8", "aria-hidden": "true" });
      const context = bar.getContext("2d");
      for (let x = 0; x < 120; x++) {
        context.fillStyle = css(sequential(x / 119));
        context.fillRect(x, 0, 1, 8);
      }
      this.legend.replaceChildren(h("span", {}, short(range[0])), bar, h("span", {}, short(range[1])));
      return;
    }
    const codes = this.rows.columns.find(({ name }) => `column:${name}` === wanted).codes;
    const counts = new Map();
    codes.forEach((code, p) => (!this.state.focus || this.state.focus[p]) && counts.set(code, (counts.get(code) || 0) + 1));
    const shown = entries.filter(({ code }) => counts.has(code)).slice(0, ENTRIES);
    this.legend.replaceChildren(...shown.map(({ colour, text, code }) => h("button", {
      type: "button", onclick: () => this.selectCode(codes, code),
    }, swatch(css(colour)), h("span", {}, oneLine(text, 40)), h("span", { class: "muted" }, count(counts.get(code))))));
    if (entries.length > shown.length) this.legend.append(h("span", { class: "muted" }, `${count(entries.length - shown.length)} more`));
  }

  selectCode(codes, code) {
    const places = [];
    codes.forEach((value, p) => value === code && places.push(p));
    this.store.set({ selected: new Selection(this.rows.n, places) });
  }
}
