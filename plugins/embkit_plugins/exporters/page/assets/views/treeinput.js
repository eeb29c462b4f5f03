// The dendrogram under mouse and keyboard.

import { plural, short } from "../state/dom.js";
import { Selection } from "../state/selection.js";

/** Whether the sides of a merge are apart, in words; nothing where it was not tested. */
export function supported(p) {
  if (p === null) return "";
  return p <= 0.05 ? `; its sides are apart (p = ${short(p, 2)})` : `; its sides are not shown to be apart (p = ${short(p, 2)})`;
}

export class TreeInput {
  constructor(view) {
    this.view = view;
    this.tree = view.tree;
    this.current = -1; // the node the keyboard is at
    this.listen();
    view.element.addEventListener("keydown", (event) => this.key(event));
  }

  /** The node under a point: of those over its row the highest that is not beyond the point. */
  nodeAt(x, y) {
    const { tree } = this;
    const place = this.view.placeAt(y);
    if (place < 0 || place >= tree.n || y > this.view.height - 25) return -1;
    if (x < this.view.labelWidth) {
      const label = this.view.labels.find(({ node }) => tree.start[node] <= place && place < tree.end[node]);
      if (label) return label.node;
    }
    let node = this.view.unfold ? place : this.view.model.clusterOver(place, this.view.lower);
    const height = this.view.heightAt(x);
    while (tree.parent[node] >= 0 && tree.height(tree.parent[node]) <= height) node = tree.parent[node];
    return node;
  }

  listen() {
    const at = (event) => {
      const box = this.view.element.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    let grip = null;
    this.view.element.addEventListener("pointerdown", (event) => {
      if (event.target.closest(".line, .zoom") || event.button) return;
      grip = { y: event.clientY, moved: false, view: { ...this.view.view } };
    });
    this.view.element.addEventListener("pointermove", (event) => {
      if (event.target.closest(".line, .zoom")) return;
      if (grip && event.buttons && event.pointerType !== "touch") {
        const shift = ((grip.y - event.clientY) / (this.view.height - 26)) * (grip.view.y1 - grip.view.y0);
        if (Math.abs(grip.y - event.clientY) > 4) grip.moved = true;
        if (grip.moved) this.view.setView(grip.view.y0 + shift, grip.view.y1 + shift);
        return;
      }
      const node = this.nodeAt(...at(event));
      this.view.hover(node < 0 ? null : [this.tree.start[node], this.tree.end[node]], node < 0 ? null : {
        node, x: event.clientX, y: event.clientY });
    });
    this.view.element.addEventListener("pointerleave", () => this.view.hover(null, null));
    this.view.element.addEventListener("pointerup", (event) => {
      if (grip && !grip.moved) {
        const node = this.nodeAt(...at(event));
        if (node >= 0) this.select(node, event.shiftKey || event.ctrlKey || event.metaKey);
      }
      grip = null;
    });
    this.view.element.addEventListener("dblclick", (event) => {
      const node = this.nodeAt(...at(event));
      if (node >= 0 && !event.target.closest(".line, .zoom")) this.view.zoomTo(this.tree.start[node], this.tree.end[node]);
    });
    this.view.element.addEventListener("wheel", (event) => {
      event.preventDefault();
      const [x, y] = at(event);
      const factor = Math.exp(Math.max(-60, Math.min(60, event.deltaY || event.deltaX)) * 0.006);
      if (event.shiftKey) this.view.zoomHeights(factor, this.view.heightAt(x));
      else this.view.zoom(factor, this.view.pointAt(y));
    }, { passive: false });
  }

  select(node, adding) {
    const range = Selection.range(this.tree.n, this.tree.start[node], this.tree.end[node]);
    const selected = adding && this.view.state.selected ? this.view.state.selected.toggled(range) : range;
    this.view.store.set({ selected });
    this.view.announce(`${plural(selected ? selected.count : 0, "row")} selected`);
  }

  key(event) {
    if (event.target !== this.view.element || event.ctrlKey || event.metaKey || event.altKey) return;
    const { tree } = this;
    const { spread } = this.view;
    const go = (node) => this.visit(node);
    const at = this.current < 0 ? this.view.model.clusterOver(spread.place(0), this.view.lower) : this.current;
    const neighbour = (step) => {
      let place = step > 0 ? tree.end[at] : tree.start[at] - 1;
      if (this.current < 0) return at;
      while (place >= 0 && place < tree.n && spread.at(place) === spread.at(place + 1)) place += step;
      return place < 0 || place >= tree.n ? at : this.view.model.clusterOver(place, this.view.lower);
    };
    const actions = {
      ArrowDown: () => go(neighbour(1)),
      ArrowUp: () => go(neighbour(-1)),
      ArrowRight: () => go(tree.parent[at] >= 0 ? tree.parent[at] : at),
      ArrowLeft: () => go(at >= tree.n ? tree.larger(at) : at),
      Enter: () => this.select(at, event.shiftKey),
      " ": () => this.select(at, event.shiftKey),
      "+": () => this.view.zoom(1 / 1.5, spread.middle[at]),
      "=": () => this.view.zoom(1 / 1.5, spread.middle[at]),
      "-": () => this.view.zoom(1.5, spread.middle[at]),
      0: () => this.view.showAll(),
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  }

  visit(node) {
    const { tree } = this;
    this.current = node;
    const [start, end] = [tree.start[node], tree.end[node]];
    const [first, last] = [this.view.spread.at(start), this.view.spread.at(end)];
    if (last > this.view.view.y1 || first < this.view.view.y0) {
      const half = (this.view.view.y1 - this.view.view.y0) / 2;
      this.view.setView((first + last) / 2 - half, (first + last) / 2 + half);
    }
    this.view.hover([start, end], null);
    const held = node >= tree.n ? `, joined at ${short(tree.height(node), 4)}${supported(tree.support(node))}` : "";
    this.view.announce(`${plural(tree.size(node), "row")}${held}: ${this.view.model.label(node, this.view.lower)}`);
  }
}
