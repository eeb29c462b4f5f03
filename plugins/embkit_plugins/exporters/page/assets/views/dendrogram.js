// The dendrogram: heights grow to the right, leaves are folded at the lower line.

import { drawAxis } from "./axis.js";
import { fittedCanvas } from "./canvas.js";
import { css } from "../state/colours.js";
import { count, h, plural } from "../state/dom.js";
import { Spread } from "../state/spread.js";
import { drawLabels, LABEL } from "./treelabels.js";
import { drawMarks } from "./treemarks.js";
import { TreeInput } from "./treeinput.js";

const APART = 0.05; // p up to which the sides of a merge are called apart

export class Dendrogram {
  /** context: {model, store, announce, hover(range or null)} */
  constructor(context) {
    Object.assign(this, context);
    this.onDraw = () => {};
    const { fixed } = this.model;
    this.spread = new Spread(this.tree, fixed && fixed.nClusters ? fixed : null);
    this.element = h("div", { class: "plot tree", role: "application", tabindex: "0",
      "aria-label": "Dendrogram. Arrow up and down go from cluster to cluster, left and right to its parts and to what holds it, Enter selects, plus and minus zoom.",
    });
    const { top } = this.tree;
    // Below the clusters there is little to see: the axis begins nearer to them where they are high up.
    const highest = this.model.hasLines ? top : this.model.highestMeeting();
    const from = this.model.hasLines ? this.state.from : this.model.lowestCluster();
    const x0 = from > highest / 2 && from < highest ? Math.max(0, from - 0.5 * (highest - from)) : 0;
    this.view = { y0: 0, y1: this.spread.total, x0, x1: (this.model.hasLines ? highest * 1.04 : highest + 0.08 * (highest - x0)) || 1 };
    this.unfold = false;
    this.hovered = null;
    this.redraw = () => this.colours && this.draw();
    this.base = fittedCanvas(this.element, () => this.redraw());
    this.over = fittedCanvas(this.element, () => this.redraw());
    this.input = new TreeInput(this);
  }

  get width() {
    return this.base.width / this.base.ratio;
  }

  get height() {
    return this.base.height / this.base.ratio;
  }

  get labelWidth() {
    return Math.round(Math.min(Math.max(this.width * 0.4, 120), 340));
  }

  x(height) {
    const { x0, x1 } = this.view;
    return this.labelWidth + 8 + ((height - x0) / (x1 - x0)) * (this.width - this.labelWidth - 22);
  }

  heightAt(x) {
    const { x0, x1 } = this.view;
    return x0 + ((x - this.labelWidth - 8) / (this.width - this.labelWidth - 22)) * (x1 - x0);
  }

  /** What a reader of the picture has to know; empty where nothing. */
  get note() {
    const { pValues } = this.tree;
    const left = this.spread.n - this.spread.total;
    if (left) return `${plural(left, "row")} of noise left out of the picture.`;
    if (!pValues || pValues.every(Number.isNaN)) return "";
    return `Thick: the two sides of a merge are apart (p ≤ ${APART}). Dashed: not shown to be.`;
  }

  y(place) {
    return this.yOf(this.spread.at(place));
  }

  yOf(point) {
    const { y0, y1 } = this.view;
    return ((point - y0) / (y1 - y0)) * (this.height - 26);
  }

  placeAt(y) {
    return this.spread.place(this.pointAt(y));
  }

  pointAt(y) {
    const { y0, y1 } = this.view;
    return y0 + (y / (this.height - 26)) * (y1 - y0);
  }

  zoom(factor, around = (this.view.y0 + this.view.y1) / 2) {
    const { y0, y1 } = this.view;
    this.setView(around + (y0 - around) * factor, around + (y1 - around) * factor);
  }

  zoomTo(start, end) {
    const [first, last] = [this.spread.at(start), this.spread.at(end)];
    const margin = Math.max((last - first) * 0.1, 0.5);
    this.setView(first - margin, last + margin);
  }

  setView(y0, y1) {
    const { total } = this.spread;
    const span = Math.min(Math.max(y1 - y0, Math.min(4, total)), total);
    const first = Math.min(Math.max((y0 + y1 - span) / 2, 0), total - span);
    Object.assign(this.view, { y0: first, y1: first + span });
    this.redraw();
  }

  showAll() {
    const top = this.model.hasLines ? this.tree.top : this.model.highestMeeting();
    Object.assign(this.view, { x0: 0, x1: top * 1.04 || 1 });
    this.setView(0, this.spread.total);
  }

  /** Zoom into the heights about one of them. */
  zoomHeights(factor, around) {
    const { x0, x1 } = this.view;
    const whole = this.tree.top * 1.04 || 1;
    const span = Math.min(Math.max((x1 - x0) * factor, whole / 1000), whole);
    const first = Math.min(Math.max(around - ((around - x0) / (x1 - x0)) * span, 0), whole - span);
    Object.assign(this.view, { x0: first, x1: first + span });
    this.redraw();
  }

  show(lower, higher, colours) {
    Object.assign(this, { lower, higher, colours });
    if (this.model.hasLines) this.view.x0 = this.state.from < this.view.x0 ? 0 : this.view.x0;
    if (this.model.hasLines) this.view.x1 = Math.max(this.view.x1, this.state.to * 1.02);
    this.draw();
  }

  draw() {
    const context = this.base.getContext("2d");
    context.setTransform(this.base.ratio, 0, 0, this.base.ratio, 0, 0);
    context.fillStyle = this.colours.surface;
    context.fillRect(0, 0, this.width, this.height);
    drawAxis(context, this);
    context.save();
    context.beginPath();
    context.rect(0, 0, this.width, this.height - 24);
    context.clip();
    this.labels = [];
    this.narrow = []; // nodes with less room than a label needs, named where there is some beside them
    this.drawTree(context);
    drawLabels(context, this);
    context.restore();
    this.drawOver();
    this.onDraw();
  }

  /** Draw nodes from the root down, no further than what is a pixel wide. */
  drawTree(context) {
    const { tree, view } = this;
    const n = tree.n;
    const perPlace = (this.height - 26) / (view.y1 - view.y0);
    const reach = new Float32Array(Math.ceil(this.height) + 1);
    const nodes = new Int32Array(reach.length).fill(-1);
    const stack = [[tree.root, this.colours.ink, this.x(tree.top) + 8]];
    let colour = "";
    const fill = (next) => {
      if (next !== colour) context.fillStyle = colour = next;
    };
    while (stack.length) {
      let [node, ink, stem] = stack.pop();
      const start = this.spread.at(tree.start[node]);
      const end = this.spread.at(tree.end[node]);
      if (start === end || end <= view.y0 || start >= view.y1) continue;
      if (node >= n) {
        // Where all of one side is left out, the branch goes on as if there were no merge.
        const sides = [tree.left[node - n], tree.right[node - n]];
        const kept = sides.filter((side) => this.spread.width(tree, side));
        if (kept.length === 1) {
          stack.push([kept[0], ink, stem]);
          continue;
        }
      }
      if (ink === this.colours.ink) ink = this.inkOf(node);
      const span = (end - start) * perPlace;
      const y = this.yOf(this.spread.middle[node]);
      if (span < 1) {
        const row = Math.max(0, Math.min(Math.round(y), reach.length - 1));
        if (stem > reach[row]) {
          reach[row] = stem;
          nodes[row] = node;
        }
        continue;
      }
      const x = this.x(Math.max(tree.height(node), view.x0));
      fill(ink);
      context.fillRect(x, Math.round(y) - 0.5, Math.max(stem - x, 0) + 0.5, span > 3 ? 1.25 : 1);
      const folded = !this.unfold && this.lower.holds(node);
      if (folded) this.drawFolded(context, node, x, y, span);
      this.noteLabel(node, folded, span);
      if (folded || node < n) continue;
      const a = tree.left[node - n];
      const b = tree.right[node - n];
      const ya = Math.max(this.yOf(this.spread.middle[a]), -2);
      const yb = Math.min(this.yOf(this.spread.middle[b]), this.height);
      fill(ink);
      this.drawBar(context, x, ya - 0.5, yb - ya + 1, tree.support(node));
      stack.push([b, ink, x], [a, ink, x]);
    }
    this.drawCrowded(context, reach, nodes);
  }

  /** The bar of a merge: thick where its sides are apart, dashed where they are not shown to be. */
  drawBar(context, x, y, length, p) {
    if (p === null || p <= APART) context.fillRect(x, y, p === null ? 1.25 : 2.5, length);
    else for (let at = 0; at < length; at += 5) context.fillRect(x, y + at, 1.25, Math.min(2.5, length - at));
  }

  /** What is thinner than a pixel: of each line of pixels the branch that reaches farthest. */
  drawCrowded(context, reach, nodes) {
    const { tree } = this;
    const base = this.x(Math.max(this.view.x0, 0));
    for (let row = 0; row < reach.length; row++) {
      let node = nodes[row];
      if (node < 0) continue;
      while (node >= tree.n && !this.higher.holds(node)) node = tree.larger(node);
      const x = Math.min(Math.max(this.x(tree.height(node)), base + 1), reach[row]);
      context.globalAlpha = 0.45;
      context.fillStyle = this.inkOf(node);
      context.fillRect(base - 3, row, x - base + 3, 1);
      context.globalAlpha = 0.3;
      context.fillStyle = this.colours.muted;
      context.fillRect(x, row, reach[row] - x, 1);
    }
    context.globalAlpha = 1;
  }

  /** The colour of a branch: that of its cluster, and ink above all clusters. */
  inkOf(node) {
    const colour = this.model.nodeColour(node, this.higher);
    if (colour !== null) return css(colour);
    return node < this.tree.n ? this.colours.noise : this.colours.ink;
  }

  /** A cluster at the lower line: a triangle over its rows, as high as its last merge. */
  drawFolded(context, node, x, y, span) {
    const base = this.x(Math.max(this.view.x0, 0));
    const top = this.y(this.tree.start[node]);
    context.globalAlpha = 0.45;
    if (span < 3) context.fillRect(base, top, Math.max(x - base, 1), Math.max(span - 0.5, 0.75));
    else {
      context.beginPath();
      context.moveTo(base, top + 0.5);
      context.lineTo(Math.max(x, base + 1), y);
      context.lineTo(base, top + span - 0.5);
      context.fill();
    }
    context.globalAlpha = 1;
    context.fillRect(base - 3, top + 0.25, 3, Math.max(span - 0.5, 0.5));
  }

  noteLabel(node, folded, span) {
    const { tree } = this;
    const n = tree.n;
    if (span < LABEL) return;
    const perPlace = span / this.spread.width(tree, node);
    const isWhole = folded || node < n;
    const small = isWhole ? [] : [tree.left[node - n], tree.right[node - n]].filter((child) => this.spread.width(tree, child) * perPlace < LABEL);
    if (small.length === 1 && this.spread.width(tree, small[0])) this.narrow.push(small[0]);
    if (isWhole || small.length === 2) {
      const first = Math.max(this.y(tree.start[node]), 0);
      const last = Math.min(this.y(tree.end[node]), this.height - 26);
      if (last - first >= LABEL - 3) this.labels.push({ node, folded: isWhole, y: (first + last) / 2 });
    }
  }

  drawOver() {
    const context = this.over.getContext("2d");
    context.setTransform(this.over.ratio, 0, 0, this.over.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    drawMarks(context, this);
  }

  setHover(range) {
    this.hovered = range;
    if (this.colours) this.drawOver();
  }
}
