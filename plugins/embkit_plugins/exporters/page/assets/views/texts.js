// The table of texts: every row, searched, sorted, narrowed to what is selected, copied and saved.

import { count, h, oneLine, plural, short, swatch, visible } from "../state/dom.js";
import { css } from "../state/colours.js";
import { copyText, saveCsv, saveJson } from "../state/save.js";
import { Selection } from "../state/selection.js";
import { VirtualGrid } from "./virtual.js";

const SHOWN = 2; // further columns in the table; all of them are in the reader

export class Texts {
  /** context: {rows, silhouettes, name, store, state, announce, hover}; titles of the columns of clusters */
  constructor(context, titles = ["Cluster"]) {
    Object.assign(this, context);
    this.titles = titles;
    this.places = new Int32Array(0);
    const { rows } = this;
    const columns = [
      ...titles.map((title, side) => ({ key: `cluster${side || ""}`, title, side, class: "number cluster", sortable: true })),
      { key: "text", title: rows.texts ? "Text" : "Row", class: "wide", sortable: true },
      ...(this.silhouettes ? [{ key: "silhouette", title: "Silhouette", class: "number optional third", sortable: true }] : []),
      ...rows.columns.slice(0, SHOWN).map((column, i) => ({ key: `column:${column.name}`, title: oneLine(column.name, 30), class: i ? "meta optional third" : "meta optional", sortable: true, column })),
      ...(rows.texts ? [{ key: "id", title: "Id", class: "id optional third", sortable: true }] : []),
    ];
    this.columns = columns;
    this.grid = new VirtualGrid({
      label: "Texts", rowHeight: 30, columns, class: "texts-grid",
      fill: (cells, index, row) => this.fill(cells, this.places[index], row),
      onActive: (index) => this.read(index),
      onEnter: (index, event) => this.choose(this.places[index], event),
      onClick: (index, event) => (event.shiftKey || event.ctrlKey || event.metaKey) && this.choose(this.places[index], event),
      onSort: (key) => this.store.set({ sort: this.state.sort === key ? `-${key}` : key }),
      onHover: (index) => this.hover(index < 0 ? null : [this.places[index], this.places[index] + 1], null),
    });
    this.chips = h("div", { class: "chips" });
    this.reader = h("div", { class: "reader", role: "region", "aria-label": "The row chosen", tabindex: "0" });
    const action = (text, label, run) => h("button", { type: "button", title: label, "aria-label": label, onclick: run }, text);
    this.bar = h("div", { class: "bar" }, this.chips, h("div", { class: "actions" },
      action("Copy", "Copy the rows shown", () => this.copy()),
      action("CSV", "Save the rows shown as CSV", () => this.save("csv")),
      action("JSON", "Save the rows shown as JSON", () => this.save("json"))));
    this.element = h("div", { class: "panel-body" }, this.bar, this.grid.element, this.reader);
  }

  /** Show the rows in focus with their clusters in one cut, or in several. */
  show(cuts, isRunCut = true) {
    Object.assign(this, { cuts, isRunCut });
    const { focus, focusSums, sort, query } = this.state;
    const chosen = this.grid.active >= 0 ? this.places[this.grid.active] : -1;
    this.places = sorted(narrowed(focus, focusSums, this.rows.n), this.key(sort.replace(/^-/, "")), sort.startsWith("-"));
    this.grid.showSort(sort.replace(/^-/, ""), sort.startsWith("-"));
    this.grid.active = chosen < 0 ? -1 : this.places.indexOf(chosen);
    this.grid.resize(this.places.length);
    if (this.grid.active >= 0) this.grid.reveal(this.grid.active);
    this.showChips(query);
    this.read(this.grid.active);
  }

  /** What to sort by: null for the order of the tree, else a value for each place. */
  key(sort) {
    const { rows } = this;
    if (sort === "text") return (p) => rows.text(p) || rows.id(p);
    if (sort === "id") return rows.ids ? (p) => rows.ids[p] : (p) => rows.row[p];
    if (sort === "silhouette" && this.silhouettes) return (p) => (Number.isNaN(this.silhouettes[p]) ? Infinity : this.silhouettes[p]);
    const cut = sort.startsWith("cluster") && this.cuts[Number(sort.slice(7))];
    if (cut) return (p) => (cut.isNoise(cut.at(p)) ? Infinity : cut.numbers[cut.at(p)]);
    const column = rows.columns.find(({ name }) => `column:${name}` === sort);
    return column ? (p) => rows.value(column, p) : null;
  }

  showChips(query) {
    const { selected, hitCount } = this.state;
    const chip = (text, label, clear) => h("span", { class: "chip" }, text, h("button", { type: "button", "aria-label": label, title: label, onclick: clear }, "×"));
    this.chips.replaceChildren(
      h("span", { class: "shown" }, this.places.length === this.rows.n ? plural(this.rows.n, "row") : `${count(this.places.length)} of ${plural(this.rows.n, "row")}`));
    if (selected) this.chips.append(chip(`${count(selected.count)} selected`, "Clear the selection", () => this.store.set({ selected: null })));
    if (query) this.chips.append(chip(`${count(hitCount)} found`, "Clear the search", () => this.store.set({ query: "" })));
  }

  fill(cells, place, row) {
    const { rows } = this;
    this.columns.forEach(({ key, column, side }, i) => {
      if (side !== undefined) cells[i].replaceChildren(...clusterLabel(this.cuts[side], place));
      else if (key === "text") cells[i].replaceChildren(...marked(rows.describe(place), this.state.query));
      else if (key === "silhouette") cells[i].textContent = this.isRunCut ? short(this.silhouettes[place], 2) : "–";
      else if (key === "id") cells[i].textContent = oneLine(rows.id(place), 60);
      else cells[i].textContent = shownValue(rows.value(column, place));
    });
    row.classList.toggle("chosen", Boolean(this.state.selected && this.state.selected.mask[place]));
    row.setAttribute("aria-selected", String(Boolean(this.state.selected && this.state.selected.mask[place])));
  }

  choose(place, event) {
    const one = Selection.range(this.rows.n, place, place + 1);
    const adding = event.shiftKey || event.ctrlKey || event.metaKey;
    this.store.set({ selected: adding && this.state.selected ? this.state.selected.toggled(one) : one });
  }

  /** The whole text of the row chosen, and everything else that is known of it. */
  read(index) {
    const place = this.places[index];
    if (place === undefined) {
      this.reader.replaceChildren(h("p", { class: "muted" }, "Choose a row to read it in full."));
      return;
    }
    const { rows } = this;
    const fact = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, value));
    const inCluster = (cut, index) => (cut.isNoise(index) ? "noise" : `${cut.numbers[index]}, ${plural(cut.size(index), "row")}`);
    const facts = [fact("id", oneLine(rows.id(place), 200)), fact("row", count(rows.row[place])),
      ...this.cuts.map((cut, side) => fact(this.titles[side].toLowerCase(), inCluster(cut, cut.at(place))))];
    if (this.silhouettes && this.isRunCut) facts.push(fact("silhouette", short(this.silhouettes[place], 3)));
    for (const column of rows.columns) facts.push(fact(oneLine(column.name, 40), shownValue(rows.value(column, place))));
    const [cut] = this.cuts;
    const select = cut ? [h("button", { type: "button", onclick: () => this.store.set({ selected: cut.select(cut.at(place)) }) }, "Select its cluster")] : [];
    this.reader.replaceChildren(h("p", { class: "full-text", dir: "auto" }, visible(rows.text(place).slice(0, 20000)) || rows.id(place)),
      h("dl", {}, ...facts), ...select);
  }

  table() {
    const { rows } = this;
    const head = ["row", "id", ...this.titles.map((title) => title.toLowerCase()), ...(rows.texts ? ["text"] : []), ...rows.columns.map(({ name }) => name)];
    const lines = Array.from(this.places, (place) => [rows.row[place], rows.id(place), ...this.cuts.map((cut) => cut.numbers[cut.at(place)]),
      ...(rows.texts ? [rows.text(place)] : []), ...rows.columns.map((column) => rows.value(column, place))]);
    return [head, lines];
  }

  save(kind) {
    const [head, lines] = this.table();
    if (kind === "csv") saveCsv(`${this.name}-rows.csv`, head, lines);
    else saveJson(`${this.name}-rows.json`, head, lines);
    this.announce(`${plural(lines.length, "row")} saved as ${kind.toUpperCase()}`);
  }

  copy() {
    const [head, lines] = this.table();
    copyText([head, ...lines].map((line) => line.map((cell) => String(cell ?? "").replace(/[\t\r\n]+/g, " ")).join("\t")).join("\n"));
    this.announce(`${plural(lines.length, "row")} copied`);
  }
}

function clusterLabel(cut, place) {
  const index = cut.at(place);
  const noise = cut.isNoise(index);
  return [swatch(noise ? "var(--noise)" : css(cut.colours[index])), noise ? "noise" : String(cut.numbers[index])];
}

function narrowed(focus, sums, n) {
  if (!focus) return Int32Array.from({ length: n }, (_, i) => i);
  const places = new Int32Array(sums[n]);
  let k = 0;
  for (let p = 0; p < n; p++) if (focus[p]) places[k++] = p;
  return places;
}

function sorted(places, key, descending) {
  if (!key) return places;
  const values = new Map();
  for (const place of places) values.set(place, key(place));
  const sign = descending ? -1 : 1;
  return places.sort((a, b) => {
    const [x, y] = [values.get(a), values.get(b)];
    return (x < y ? -sign : x > y ? sign : 0) || a - b;
  });
}

/** A text with what was searched for marked. */
function marked(text, query) {
  const at = query ? text.toLowerCase().indexOf(query.toLowerCase()) : -1;
  if (at < 0) return [text];
  const end = at + query.length;
  const begin = Math.max(0, at > 60 ? at - 40 : 0);
  return [(begin ? "…" : "") + text.slice(begin, at), h("mark", {}, text.slice(at, end)), text.slice(end)];
}

function shownValue(value) {
  return typeof value === "number" ? short(value, 6) : oneLine(value, 200);
}
