// What every page does: keep state, search, narrow to what is found and selected, pass hovering on.

import { theme } from "../views/canvas.js";
import { plural } from "../state/dom.js";
import { Frame } from "../views/frame.js";
import { Selection, selectionCodec, sums } from "../state/selection.js";
import { Store } from "../state/store.js";

/** A page over some rows. Pages have `update(changed)`, `grids()`, `themeChanged()` and `tip(info)`. */
export class Page {
  constructor(root, document, rows, initial) {
    this.root = root;
    this.rows = rows;
    // Inside another document, such as a notebook, its address and its keys are not the page's.
    this.embedded = root.classList.contains("embedded");
    this.views = [];
    this.store = new Store({ query: "", names: "", colour: "cluster", sort: "tree", tab: "texts", selected: null, map: "", ...initial },
      selectionCodec(() => this.rows.n), !this.embedded);
    Object.assign(this.store.state, { focus: null, focusSums: null, hits: null, hitSums: null, hitCount: 0 });
    this.frame = new Frame(root, document, this.store);
    this.context = {
      store: this.store, state: this.store.state, rows, name: fileName(document.title),
      announce: (sentence) => this.frame.announce(sentence), hover: (range, info) => this.hover(range, info),
    };
  }

  /** Begin: with the colours of the system, and the state in the address. */
  start(everything) {
    const { store } = this;
    this.theme = theme(this.root);
    this.themeChanged();
    for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
      matchMedia(query).addEventListener("change", () => {
        this.theme = theme(this.root);
        this.themeChanged();
        this.refresh(new Set(everything));
      });
    }
    Object.assign(store.state, store.readAddress());
    store.baseline = store.kept();
    store.subscribe((state, changed) => this.refresh(changed));
    window.addEventListener("hashchange", () => store.set(store.readAddress()));
    window.addEventListener("beforeprint", () => this.print(true));
    window.addEventListener("afterprint", () => this.print(false));
    this.refresh(new Set(everything));
  }

  refresh(changed) {
    if (changed.has("query")) this.find();
    if (changed.has("query") || changed.has("selected")) this.focus();
    if (changed.has("selected")) this.tellSelection();
    this.update(changed);
    this.frame.showHistory();
  }

  find() {
    const { state } = this.store;
    state.hits = state.query ? this.rows.search(state.query) : null;
    state.hitSums = state.hits ? sums(state.hits) : null;
    state.hitCount = state.hits ? state.hitSums[this.rows.n] : 0;
    if (state.query) this.frame.announce(`${plural(state.hitCount, "row")} found`);
  }

  /** What is both found and selected is in focus; everything where nothing is. */
  focus() {
    const { state } = this.store;
    const { selected, hits } = state;
    state.focus = selected && hits ? selected.mask.map((on, p) => on & hits[p]) : selected ? selected.mask : hits;
    state.focusSums = state.focus ? sums(state.focus) : null;
  }

  /** Let whoever embeds the page know what is selected. */
  tellSelection() {
    const { selected } = this.store.state;
    const ids = selected ? Array.from(selected.places, (place) => this.rows.id(place)) : [];
    this.root.dispatchEvent(new CustomEvent("embkit-selected", { detail: { ids } }));
  }

  /** Select the rows with some ids, for whoever embeds the page; ids it does not know are passed over. */
  select(ids) {
    const wanted = new Set(ids);
    const places = [];
    for (let p = 0; p < this.rows.n; p++) if (wanted.has(this.rows.id(p))) places.push(p);
    const { selected } = this.store.state;
    const same = selected ? selected.count === places.length && places.every((p) => selected.mask[p]) : !places.length;
    if (!same) this.store.set({ selected: places.length ? new Selection(this.rows.n, places) : null });
  }

  hover(range, info) {
    for (const view of this.views) view.setHover(range);
    if (!info) this.frame.showTip(null);
    else this.frame.showTip(this.tip(info), info.x, info.y);
  }

  print(on) {
    for (const grid of this.grids()) {
      grid.printing = on;
      grid.draw();
    }
  }
}

function fileName(title) {
  return title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 40) || "embkit";
}
