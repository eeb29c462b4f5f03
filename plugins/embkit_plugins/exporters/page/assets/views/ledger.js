// The ledger: what merges between the two lines, and what there is to say about each merge.

import { count, h, percent, plural, short, signed, swatch } from "../state/dom.js";
import { css } from "../state/colours.js";
import { Selection } from "../state/selection.js";
import { VirtualGrid } from "./virtual.js";

const ORDERS = {
  moved: "rows moved", size: "size", height: "height", closest: "closest pair", silhouette: "change of silhouette",
};
const PARTS = 8; // shown of one merge

export class Ledger {
  constructor(context) {
    Object.assign(this, context);
    this.groups = [];
    this.summary = h("p", { class: "summary", id: "ledger-summary" });
    this.reader = h("div", { class: "reader", role: "region", "aria-label": "The merge chosen", tabindex: "0" });
    this.choice = h("select", { "aria-label": "Order of the merges", onchange: () => this.store.set({ order: this.choice.value }) },
      ...Object.entries(ORDERS).map(([value, text]) => h("option", { value }, text)));
    this.grid = new VirtualGrid({
      label: "Merges between the two lines", rowHeight: 46, class: "ledger-grid",
      columns: [
        { title: "Merged", class: "wide" }, { title: "Joined at", class: "number" },
        { title: "Silhouette", class: "number optional" }, { title: "p apart", class: "number optional" },
      ],
      fill: (cells, index) => this.fill(cells, this.groups[index]),
      onActive: (index) => this.read(index),
      onEnter: (index) => this.select(this.groups[index]),
      onHover: (index) => this.hoverGroup(index),
    });
    this.element = h("div", { class: "panel-body" }, this.summary, h("div", { class: "merges" }, this.grid.element, this.reader));
  }

  /** The groups between two cuts with all that is known of them, in the order asked for. */
  rowsOf(lower, higher) {
    const { band } = this.model;
    const fits = band && this.tree.merged(band.start) === lower.merged && this.tree.merged(band.stop) === higher.merged;
    const groups = lower.merged < higher.merged ? this.tree.ledger(lower.merged, higher.merged) : [];
    this.unmeasured = Boolean(band && !fits);
    const numbers = fits ? higher.numbers : null;
    for (const group of groups) {
      const number = fits ? numbers[higher.at(this.tree.start[group.node])] : -1;
      const measured = (values) => (fits && values && !Number.isNaN(values[number]) ? values[number] : null);
      group.before = band && measured(band.before);
      group.after = band && measured(band.after);
      group.p = (band && measured(band.pValues)) ?? this.onlyP(group);
      group.closest = this.tree.closestAcross(group);
    }
    return this.sorted(groups);
  }

  onlyP(group) {
    const p = group.merges.length === 1 && this.tree.pValues ? this.tree.pValues[group.merges[0]] : NaN;
    return Number.isNaN(p) ? null : p;
  }

  sorted(groups) {
    const change = (group) => (group.before === null || group.after === null ? 0 : group.after - group.before);
    const keys = {
      moved: (a, b) => b.moved - a.moved || a.low - b.low,
      size: (a, b) => b.size - a.size,
      height: (a, b) => a.low - b.low,
      closest: (a, b) => (a.closest ? a.closest[2] : Infinity) - (b.closest ? b.closest[2] : Infinity) || 0,
      silhouette: (a, b) => change(a) - change(b),
    };
    const first = keys[this.state.order] || keys.moved;
    return groups.sort((a, b) => first(a, b) || this.tree.bySize(a.node, b.node));
  }

  show(lower, higher, live) {
    const { tree, state } = this;
    this.choice.value = state.order;
    Object.assign(this, { lower, higher });
    const chosen = this.grid.active >= 0 && this.groups[this.grid.active] ? this.groups[this.grid.active].node : -1;
    const all = this.rowsOf(lower, higher);
    this.all = all;
    this.groups = state.focus
      ? all.filter(({ node }) => state.focusSums[tree.end[node]] > state.focusSums[tree.start[node]])
      : all;
    this.summarize(all);
    this.grid.active = this.groups.findIndex(({ node }) => node === chosen);
    if (this.grid.active < 0 && this.groups.length) this.grid.active = 0;
    this.grid.resize(this.groups.length, true);
    if (!live) this.read(this.grid.active);
  }

  summarize(all) {
    const { lower, higher, state } = this;
    const parts = all.reduce((total, group) => total + group.parts.length, 0);
    const moved = all.reduce((total, group) => total + group.moved, 0);
    const name = (value) => (this.tree.monotone ? short(value, 6) : "the line");
    let text = `${plural(lower.k, "cluster")} at ${name(state.from)} become ${count(higher.k)} at ${name(state.to)}.`;
    if (!all.length) text += state.from === state.to ? " Pull the lines apart to see what merges between them." : " No cluster changes in between.";
    else {
      text += ` ${count(parts)} of them merged into ${count(all.length)}; ${count(higher.k - all.length)} untouched. `
        + `${plural(moved, "row")} (${percent(moved / this.model.n)}) joined a cluster larger than their own.`;
    }
    if (all.length && this.unmeasured) {
      const { start, stop } = this.model.band;
      text += ` Silhouettes are known from ${short(start, 6)} to ${short(stop, 6)} only.`;
    }
    if (state.focus) text += ` Shown: ${plural(this.groups.length, "merge")} with rows found or selected.`;
    this.summary.textContent = text;
  }

  fill([what, at, silhouette, p], group) {
    const shown = group.parts.slice(0, 3);
    const sizes = shown.map(({ node }) => count(this.tree.size(node))).join(" + ");
    const more = group.parts.length > 3 ? ` + ${count(group.parts.length - 3)} more` : "";
    what.replaceChildren(
      h("div", { class: "sizes" }, swatch(this.colour(group.node)), `${sizes}${more} → `, h("strong", {}, count(group.size))),
      h("div", { class: "names" }, group.parts.slice(0, 2).map(({ node }) => this.model.nodeName(node)).join("  ·  ")));
    at.textContent = range(group, this.tree);
    silhouette.textContent = group.before === null ? "–" : `${signed(group.before)} → ${signed(group.after)}`;
    p.textContent = group.p === null ? "–" : short(group.p, 2);
    p.classList.toggle("warn", group.p !== null && group.p <= 0.05);
  }

  colour(node) {
    return css(node < this.tree.n ? this.model.alone : this.model.colours.of(node));
  }

  /** Everything about one merge, below the list. */
  read(index) {
    const group = this.groups[index];
    if (!group) {
      this.reader.replaceChildren(h("p", { class: "muted" }, this.all && this.all.length ? "Choose a merge to read it." : ""));
      return;
    }
    const part = ({ node, joined }) => h("li", {},
      h("span", { class: "part-size" }, swatch(this.colour(node)), plural(this.tree.size(node), "row")),
      h("span", { class: "part-text" }, this.model.nodeName(node), ...this.otherTexts(node).map((text) => h("span", { class: "also" }, text))),
      h("span", { class: "part-height" }, `joined at ${short(joined, 4)}`));
    const parts = group.parts.slice(0, PARTS).map(part);
    const left = group.parts.slice(PARTS);
    if (left.length) {
      const held = left.reduce((total, { node }) => total + this.tree.size(node), 0);
      parts.push(h("li", { class: "muted" }, `and ${plural(left.length, "cluster")} more with ${plural(held, "row")}`));
    }
    const facts = [];
    if (group.before !== null) facts.push(`silhouette ${signed(group.before)} before, ${signed(group.after)} after`);
    if (group.p !== null) facts.push(`${group.parts.length > 2 ? "the two largest are" : "they are"} ${group.p <= 0.05 ? "apart" : "not shown to be apart"} (p = ${short(group.p, 2)})`);
    this.reader.replaceChildren(
      h("div", { class: "reader-head" },
        h("h3", {}, `${plural(group.size, "row")} from ${plural(group.parts.length, "cluster")}, joined at ${range(group, this.tree)}`),
        h("button", { type: "button", onclick: () => this.select(group) }, "Select its rows"),
        h("button", { type: "button", onclick: () => this.zoomTo(this.tree.start[group.node], this.tree.end[group.node]) }, "Show in tree")),
      ...(facts.length ? [h("p", { class: "facts" }, `${facts.join("; ")}.`)] : []),
      h("ul", { class: "parts" }, ...parts),
      ...this.closestPair(group));
  }

  closestPair(group) {
    if (!this.tree.closest) return [];
    if (!group.closest) return [h("p", { class: "muted" }, "The closest pair was not computed for a merge of so many rows.")];
    const [first, second, distance] = group.closest;
    const { rows } = this.model;
    return [h("p", { class: "closest" }, h("span", { class: "label" }, `Closest across, ${short(distance, 3)} apart`),
      h("q", {}, rows.describe(first)), h("q", {}, rows.describe(second)))];
  }

  otherTexts(node) {
    const central = this.model.central(node);
    const text = this.model.rows.describe(central);
    // Where a node has a name, its most central row comes first of its texts.
    const found = this.model.nodeName(node) === text ? [] : [text];
    for (let p = this.tree.start[node]; p < this.tree.end[node] && found.length < 2; p++) {
      if (p !== central) found.push(this.model.rows.describe(p));
    }
    return found;
  }

  select(group) {
    const { start, end } = this.tree;
    this.store.set({ selected: Selection.range(this.tree.n, start[group.node], end[group.node]) });
    this.announce(`${plural(group.size, "row")} selected`);
  }

  hoverGroup(index) {
    const group = this.groups[index];
    this.hover(group ? [this.tree.start[group.node], this.tree.end[group.node]] : null, null);
  }

  /** The columns and lines of the table that `embkit diff` writes as merges.csv. */
  table() {
    const { rows } = this.model;
    const head = ["merge", "part", "size", "part_size", "joined_at", "example", "words", "closest_distance", "closest_first",
      "closest_second", "silhouette_before", "silhouette_after", "apart_p_value", "cluster_before", "cluster_after", "representative"];
    const lines = this.all.flatMap((group, rank) => group.parts.map((part, place) => {
      const central = this.model.central(part.node);
      const [first, second, distance] = group.closest || [-1, -1, null];
      return [rank + 1, place + 1, group.size, this.tree.size(part.node), part.joined, rows.text(central) || rows.id(central),
        this.partTerms(part.node), distance, first < 0 ? "" : rows.id(first), second < 0 ? "" : rows.id(second), group.before,
        group.after, group.p, this.lower.numbers[this.lower.at(this.tree.start[part.node])],
        this.higher.numbers[this.higher.at(this.tree.start[group.node])], rows.id(central)];
    }));
    return [head, lines];
  }

  partTerms(node) {
    const name = node >= this.tree.n ? this.tree.names.get(node - this.tree.n) : null;
    return name ? name[1].join(" ") : "";
  }
}

function range(group, tree) {
  if (!tree.monotone) return group.low === group.high ? `merge ${group.low}` : `merges ${group.low} to ${group.high}`;
  const [low, high] = [short(group.low, 4), short(group.high, 4)];
  return low === high ? low : `${low}–${high}`;
}
