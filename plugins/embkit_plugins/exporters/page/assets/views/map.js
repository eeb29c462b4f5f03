// The map: each row a point, drawn without a graphics card.

import { fitted, fittedCanvas } from "./canvas.js";
import { h } from "../state/dom.js";
import { Raster, shuffled } from "./raster.js";

const LABELS = 60; // clusters tried for a label, the largest in sight first

export class MapView {
  /** context: {rows, store, state, announce, hover}; options: {label, nameOf(cut, index)} */
  constructor(context, options) {
    Object.assign(this, context, options);
    this.element = h("div", { class: "plot map", role: "application", tabindex: "0",
      "aria-label": `${options.label}. Arrows go to the nearest row in their direction, brackets to the next cluster, Enter selects, plus and minus zoom.` });
    this.order = shuffled(this.rows.n);
    this.sx = new Float32Array(this.rows.n);
    this.sy = new Float32Array(this.rows.n);
    this.zoom = { k: 1, x: 0.5, y: 0.5 };
    this.hovered = null;
    this.lasso = null;
    this.layout = null;
    this.legend = [0, 0]; // pixels at the left that the legend takes, or at the bottom where there is too little room
    this.widths = new Map();
    this.base = fittedCanvas(this.element, () => this.place());
    this.over = fittedCanvas(this.element, () => this.drawOver());
    this.raster = null;
  }

  get width() {
    return this.base.width / this.base.ratio;
  }

  get height() {
    return this.base.height / this.base.ratio;
  }

  /** Show a layout with a colour for each place; where `named`, labels name the clusters of a cut. */
  show({ layout, colours, cut, theme, named }) {
    const moved = layout !== this.layout;
    if (moved) this.measure(layout);
    Object.assign(this, { layout, colours, cut, theme, named });
    if (moved) this.place();
    else this.draw();
  }

  /** Leave room for a legend of some width and height. */
  leave(width, height) {
    if (width === this.legend[0] && height === this.legend[1]) return;
    this.legend = [width, height];
    this.place();
  }

  measure(layout) {
    this.box = { x: maximum(layout.x) / 2 || 1, y: maximum(layout.y) / 2 || 1 };
    this.zoom = { k: 1, x: 0.5, y: 0.5 };
  }

  /** Put each row where it is on the screen, in pixels of the canvas. */
  place() {
    if (!this.layout) return;
    const { x, y } = this.layout;
    const { scale, left, top } = this.frame();
    for (let p = 0; p < this.rows.n; p++) {
      this.sx[p] = left + x[p] * scale;
      this.sy[p] = top - y[p] * scale;
    }
    this.draw();
  }

  frame() {
    const { k, x, y } = this.zoom;
    const beside = this.width - this.legend[0] > 300;
    const width = this.base.width - (beside ? this.legend[0] * this.base.ratio : 0);
    const height = this.base.height - (beside ? 0 : this.legend[1] * this.base.ratio);
    const margin = 22 * this.base.ratio;
    const fit = Math.min((width - 2 * margin) / (2 * this.box.x), (height - 2 * margin) / (2 * this.box.y));
    const scale = Math.max(fit, 1e-6) * k;
    return {
      scale,
      left: this.base.width - width / 2 - this.box.x * 2 * x * scale,
      top: height / 2 + this.box.y * 2 * y * scale,
    };
  }

  get radius() {
    const room = Math.sqrt((this.base.width * this.base.height) / this.rows.n) * 0.28;
    const grown = Math.min(room, 3.2 * this.base.ratio) * Math.sqrt(Math.min(this.zoom.k, 16));
    return Math.min(Math.max(grown, 0.9 * this.base.ratio), 5 * this.base.ratio);
  }

  draw() {
    if (!this.layout) return;
    const { width, height } = this.base;
    if (!this.raster || this.raster.width !== width || this.raster.height !== height) {
      this.raster = new Raster(width, height);
    }
    this.raster.clear(this.theme.surfaceNumber);
    const { focus } = this.state;
    const { sx, sy, colours, order, radius } = this;
    if (focus) {
      this.raster.discs(sx, sy, colours, order, radius, 0.16, focus, 0);
      const grown = Math.max(radius * 1.25, 2.4 * this.base.ratio);
      this.raster.discs(sx, sy, colours, order, Math.min(grown, radius * 2.5), 0.95, focus, 1);
    } else this.raster.discs(sx, sy, colours, order, radius, 0.82);
    this.base.getContext("2d").putImageData(this.raster.image, 0, 0);
    this.drawOver();
  }

  drawOver() {
    if (!this.layout) return;
    const context = this.over.getContext("2d");
    const ratio = this.over.ratio;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.over.width, this.over.height);
    this.drawHover(context);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (this.named) this.drawLabels(context);
    this.drawLasso(context);
  }

  drawHover(context) {
    if (!this.hovered) return;
    const ranged = Array.isArray(this.hovered);
    const size = ranged ? this.hovered[1] - this.hovered[0] : this.hovered.length;
    const single = size === 1;
    context.strokeStyle = this.theme.ink;
    context.lineWidth = (single ? 2 : 1.25) * this.over.ratio;
    context.beginPath();
    const step = Math.max(1, Math.ceil(size / 4000));
    for (let j = 0; j < size; j += step) {
      const p = ranged ? this.hovered[0] + j : this.hovered[j];
      if (!this.inSight(p)) continue;
      const radius = this.radius + (single ? 4 : 1) * this.over.ratio;
      context.moveTo(this.sx[p] + radius, this.sy[p]);
      context.arc(this.sx[p], this.sy[p], radius, 0, 7);
    }
    context.stroke();
  }

  inSight(place) {
    return this.sx[place] > 0 && this.sy[place] > 0 && this.sx[place] < this.over.width && this.sy[place] < this.over.height;
  }

  /** Names of the largest clusters in sight, as many as fit without touching. */
  drawLabels(context) {
    const { cut, theme } = this;
    const taken = [];
    const ratio = this.over.ratio;
    context.font = `600 11.5px ${theme.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    for (const [index, x, y] of this.labelled()) {
      const size = cut.size(index);
      if (size < 2) continue;
      const [text, width] = this.measured(context, this.nameOf(cut, index));
      const half = width / 2 + 3;
      const cx = Math.min(Math.max(x / ratio, half), this.width - half);
      const box = [cx - half, y / ratio - 9, cx + half, y / ratio + 9];
      if (box[1] < 0 || box[3] > this.height || taken.some((other) => touch(box, other))) continue;
      taken.push(box);
      context.strokeStyle = theme.surface;
      context.lineWidth = 3.5;
      context.strokeText(text, cx, y / ratio);
      context.fillStyle = theme.ink;
      context.fillText(text, cx, y / ratio);
      if (taken.length >= Math.max(4, (this.width * this.height) / 15000)) break;
    }
    context.textAlign = "left";
  }

  /** A name as far as it fits, and its width; remembered, for measuring is slow. */
  measured(context, name) {
    if (!this.widths.has(name)) {
      const text = fitted(context, name, 150);
      this.widths.set(name, [text, context.measureText(text).width]);
    }
    return this.widths.get(name);
  }

  /** The clusters with most rows in sight, each with the place of its label. */
  labelled() {
    const found = [];
    const order = this.cut.order;
    for (let i = 0; i < order.length && found.length < LABELS && i < 4000; i++) {
      const index = order[i];
      const centre = this.centre(index);
      if (centre) found.push([index, ...centre]);
    }
    return found;
  }

  /** The row in sight nearest to the mean of those in sight, of at most 200 looked at. */
  centre(index) {
    const size = this.cut.size(index);
    const step = Math.max(1, Math.floor(size / 200));
    let x = 0;
    let y = 0;
    let seen = 0;
    for (let j = 0; j < size; j += step) {
      const p = this.cut.member(index, j);
      if (!this.inSight(p)) continue;
      x += this.sx[p];
      y += this.sy[p];
      seen++;
    }
    if (!seen || seen * step < size / 3) return null;
    let best = -1;
    let least = Infinity;
    for (let j = 0; j < size; j += step) {
      const p = this.cut.member(index, j);
      const away = (this.sx[p] - x / seen) ** 2 + (this.sy[p] - y / seen) ** 2;
      if (away < least) [best, least] = [p, away];
    }
    return [this.sx[best], this.sy[best]];
  }

  drawLasso(context) {
    if (!this.lasso || this.lasso.length < 2) return;
    context.beginPath();
    this.lasso.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.closePath();
    context.fillStyle = this.theme.accent;
    context.globalAlpha = 0.12;
    context.fill();
    context.globalAlpha = 1;
    context.strokeStyle = this.theme.accent;
    context.lineWidth = 1.5;
    context.stroke();
  }

  setHover(range) {
    this.hovered = range;
    this.drawOver();
  }

  zoomBy(factor, px = this.base.width / 2, py = this.base.height / 2) {
    const { scale, left, top } = this.frame();
    const mx = (px - left) / scale / (2 * this.box.x);
    const my = (top - py) / scale / (2 * this.box.y);
    const k = Math.min(Math.max(this.zoom.k * factor, 1), 64);
    const kept = this.zoom.k / k;
    this.zoom = { k, x: mx + (this.zoom.x - mx) * kept, y: my + (this.zoom.y - my) * kept };
    if (k === 1) Object.assign(this.zoom, { x: 0.5, y: 0.5 });
    this.place();
  }

  panBy(dx, dy) {
    const { scale } = this.frame();
    const { k, x, y } = this.zoom;
    this.zoom = { k, x: bounded(x - dx / scale / (2 * this.box.x)), y: bounded(y + dy / scale / (2 * this.box.y)) };
    this.place();
  }
}

function maximum(values) {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  return most;
}

function bounded(share) {
  return Math.min(Math.max(share, 0), 1);
}

function touch(a, b) {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}
