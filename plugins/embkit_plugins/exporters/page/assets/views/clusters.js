// The table of clusters: size, health, and how much of each was found or selected.

import { count, h, percent, plural, short, swatch } from "../state/dom.js";
import { css } from "../state/colours.js";
import { saveCsv } from "../state/save.js";
import { Knives } from "./knife.js";
import { VirtualGrid } from "./virtual.js";

export class ClusterTable {
  /** context: {model-like: clusters, nameOf, termsOf, rows}, store, state, announce, hover, name */
  constructor(context) {
    Object.assign(this, context);
    this.sort = "size";
    this.indices = [];
    this.measures = this.measured();
    const measureColumns = this.measures.map(({ name }, i) => (
      { key: name, title: titleOf(name), class: i < 2 ? "number optional" : "number optional third", sortable: true }));
    this.columns = [
      { key: "size", title: "Cluster", class: "number", sortable: true },
      { key: "name", title: "Name", class: "wide", sortable: true },
      { key: "rows", title: "Rows", class: "number", sortable: true },
      { key: "focus", title: "Shown", class: "number focus", sortable: true },
      ...measureColumns,
    ];
    const { silhouettes } = this.clusters;
    this.knives = silhouettes && silhouettes.some((value) => !Number.isNaN(value)) ? new Knives(silhouettes) : null;
    if (this.knives) this.columns.push({ title: "Silhouettes", class: "knife optional",
      hint: "Silhouettes of its rows, highest first; below the line they are nearer to another cluster" });
    this.grid = new VirtualGrid({
      label: "Clusters", rowHeight: 30, columns: this.columns, class: "clusters-grid",
      fill: (cells, index, row) => this.fill(cells, this.indices[index], row),
      onEnter: (index, event) => this.select(this.indices[index], event),
      onClick: (index, event) => this.select(this.indices[index], event),
      onActive: (index) => {
        this.hoverAt(index);
        this.showNaming();
      },
      onSort: (key) => this.sortBy(key),
      onHover: (index) => this.hoverAt(index),
    });
    this.note = h("span", { class: "shown" });
    this.naming = h("input", { type: "text", class: "naming", maxlength: "120", hidden: true, autocomplete: "off",
      onchange: () => this.rename(this.naming.value.trim()),
      onkeydown: (event) => event.key === "Enter" && this.grid.element.focus() });
    this.grid.element.addEventListener("keydown", (event) => {
      if (event.key !== "F2" || this.naming.hidden) return;
      this.naming.select();
      event.preventDefault();
    });
    this.element = h("div", { class: "panel-body" },
      h("div", { class: "bar" }, this.note, h("div", { class: "actions" }, this.naming,
        h("button", { type: "button", title: "Save the clusters as CSV", "aria-label": "Save the clusters as CSV", onclick: () => this.save() }, "CSV"))),
      this.grid.element);
  }

  /** Health of each cluster of the run, by number: its silhouette, then what else was measured. */
  measured() {
    const found = this.clusters.health.map(([name, values]) => ({ name, values }));
    const { silhouettes, labels } = this.clusters;
    if (!silhouettes || found.some(({ name }) => name === "silhouette")) return found;
    const total = [];
    const rows = [];
    labels.forEach((label, place) => {
      if (label < 0 || Number.isNaN(silhouettes[place])) return;
      total[label] = (total[label] || 0) + silhouettes[place];
      rows[label] = (rows[label] || 0) + 1;
    });
    return [{ name: "silhouette", values: Array.from(total, (sum, label) => (rows[label] ? sum / rows[label] : null)) }, ...found];
  }

  sortBy(key) {
    this.sort = this.sort === key ? `-${key}` : key;
    this.show(this.cut, this.isRunCut);
  }

  show(cut, isRunCut) {
    const chosen = cut === this.cut ? this.indices[this.grid.active] : undefined;
    Object.assign(this, { cut, isRunCut });
    const descending = this.sort.startsWith("-");
    const key = this.sort.replace(/^-/, "");
    this.indices = Array.from(cut.order);
    const { focusSums } = this.state;
    if (this.state.focus && !this.isWhole()) this.indices = this.indices.filter((index) => this.focused(index) > 0);
    const value = this.valueOf(key);
    if (value) {
      const sign = (descending ? -1 : 1) * (key === "focus" || key === "rows" ? -1 : 1);
      this.indices.sort((a, b) => {
        const [x, y] = [value(a), value(b)];
        return x === y ? 0 : x === null ? 1 : y === null ? -1 : x < y ? -sign : sign;
      });
    } else if (descending) this.indices.reverse();
    this.grid.showSort(key, descending);
    this.grid.element.classList.toggle("has-focus", Boolean(focusSums));
    this.grid.element.classList.toggle("no-health", !isRunCut);
    this.grid.active = chosen === undefined ? -1 : this.indices.indexOf(chosen);
    this.grid.resize(this.indices.length, true);
    this.showNaming();
    const noise = cut.nNoise ? `, ${plural(cut.nNoise, "row")} of noise` : "";
    const health = this.measures.length && !isRunCut ? "; health is known for the run's own threshold only" : "";
    const nShown = this.state.focus ? this.indices.filter((index) => this.focused(index) > 0).length : 0;
    this.note.textContent = this.state.focus
      ? `${count(nShown)} of ${plural(cut.nClusters, "cluster")} have rows found or selected`
      : `${plural(cut.nClusters, "cluster")}${noise}${health}`;
  }

  /** The name of the cluster chosen, to be changed. */
  showNaming() {
    const index = this.indices[this.grid.active];
    this.naming.hidden = index === undefined || this.cut.isNoise(index);
    if (this.naming.hidden) return;
    this.naming.value = this.nameOf(this.cut, index);
    const label = `Name of cluster ${this.cut.numbers[index]}; saved with the clusters as CSV`;
    this.naming.setAttribute("aria-label", label);
    this.naming.title = `${label}. Empty: the name it had. F2 in the table comes here.`;
  }

  rename(name) {
    const index = this.indices[this.grid.active];
    this.store.set({ names: this.model.withName(this.cut, index, name) });
    this.announce(name ? `cluster ${this.cut.numbers[index]} is called ${name}` : "the name it had");
  }

  /** Whether whole clusters are selected, and nothing else: others can then be chosen beside them. */
  isWhole() {
    const { cut, state } = this;
    return !state.query && this.indices.every((index) => [0, cut.size(index)].includes(this.focused(index)));
  }

  focused(index) {
    return this.state.focus ? this.cut.among(index, this.state.focus, this.state.focusSums) : 0;
  }

  valueOf(key) {
    if (key === "size") return null;
    if (key === "name") return (index) => this.nameOf(this.cut, index);
    if (key === "rows") return (index) => this.cut.size(index);
    if (key === "focus") return (index) => this.focused(index);
    const measure = this.measures.find(({ name }) => name === key);
    return (index) => (measure && this.isRunCut ? measure.values[this.cut.numbers[index]] ?? null : null);
  }

  fill(cells, index, row) {
    const { cut } = this;
    const noise = cut.isNoise(index);
    cells[0].replaceChildren(swatch(noise ? "var(--noise)" : css(cut.colours[index])), noise ? "noise" : String(cut.numbers[index]));
    const name = this.nameOf(cut, index);
    const terms = this.termsOf(cut, index).filter((term) => term !== name).slice(0, 4).join(", ");
    cells[1].replaceChildren(name, terms ? h("span", { class: "terms" }, terms) : "");
    cells[2].textContent = count(cut.size(index));
    const focused = this.focused(index);
    cells[3].textContent = !this.state.focus ? "" : focused ? `${count(focused)} · ${percent(focused / cut.size(index))}` : "0";
    this.measures.forEach(({ values }, i) => {
      const value = this.isRunCut && !noise ? values[cut.numbers[index]] : null;
      const small = Math.abs(value) >= 0.0005 && Math.abs(value) < 1;
      cells[4 + i].textContent = Number.isInteger(value) ? count(value) : small ? short(Number(value.toFixed(3))) : short(value ?? NaN, 3);
    });
    if (this.knives) this.fillKnife(cells.at(-1), index);
    const { selected } = this.state;
    const inside = selected ? cut.among(index, selected.mask, selected.sums) : 0;
    row.classList.toggle("chosen", inside === cut.size(index));
    row.setAttribute("aria-selected", String(inside === cut.size(index)));
  }

  /** The silhouettes of the rows, where they are those of the run's clusters. */
  fillKnife(cell, index) {
    const { cut } = this;
    if (!this.isRunCut || cut.isNoise(index)) cell.replaceChildren();
    else this.knives.draw(cell, cut, index, css(cut.colours[index]));
  }

  select(index, event) {
    const range = this.cut.select(index);
    const adding = event.shiftKey || event.ctrlKey || event.metaKey;
    const { selected } = this.state;
    const next = adding && selected ? selected.toggled(range) : range;
    this.store.set({ selected: next });
    this.announce(`${plural(next ? next.count : 0, "row")} selected`);
  }

  hoverAt(index) {
    const chosen = this.indices[index];
    this.hover(chosen === undefined ? null : this.cut.span(chosen), null);
  }

  save() {
    const { cut } = this;
    const head = ["cluster", "name", "terms", "size", "shown", ...this.measures.map(({ name }) => name)];
    saveCsv(`${this.name}-clusters.csv`, head, this.indices.map((index) => [cut.numbers[index], this.nameOf(cut, index),
      this.termsOf(cut, index).join(" "), cut.size(index), this.state.focus ? this.focused(index) : cut.size(index),
      ...this.measures.map(({ values }) => (this.isRunCut ? values[cut.numbers[index]] ?? null : null))]));
    this.announce(`${plural(this.indices.length, "cluster")} saved as CSV`);
  }
}

function titleOf(name) {
  return `${name[0].toUpperCase()}${name.slice(1)}`.replaceAll("_", " ");
}
