// The silhouettes of a cluster's rows, highest first, as a profile: what hangs below the line is nearer to another cluster.

import { h } from "../state/dom.js";

const WIDTH = 96;
const HEIGHT = 24;

export class Knives {
  constructor(silhouettes) {
    this.silhouettes = silhouettes;
    const known = silhouettes.filter((value) => !Number.isNaN(value));
    this.low = known.reduce((least, value) => Math.min(least, value), 0);
    this.high = known.reduce((most, value) => Math.max(most, value), 0);
    this.profiles = new Map();
  }

  /** The silhouettes of a cluster, highest first. */
  profile(cut, index) {
    const { silhouettes } = this;
    if (!this.profiles.has(index)) {
      const values = Float32Array.from({ length: cut.size(index) }, (_, j) => silhouettes[cut.member(index, j)]);
      this.profiles.set(index, values.filter((value) => !Number.isNaN(value)).sort().reverse());
    }
    return this.profiles.get(index);
  }

  /** Draw the profile of a cluster into a cell; all clusters have one scale. */
  draw(cell, cut, index, colour) {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const canvas = cell.firstElementChild || h("canvas", { width: String(WIDTH * ratio), height: String(HEIGHT * ratio) });
    if (!canvas.parentNode) cell.append(canvas);
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, WIDTH, HEIGHT);
    const values = this.profile(cut, index);
    const range = this.high - this.low || 1;
    const y = (value) => 1 + ((this.high - value) / range) * (HEIGHT - 2);
    context.fillStyle = colour;
    for (let x = 0; x < WIDTH && values.length; x++) {
      const value = values[Math.min(Math.floor(((x + 0.5) / WIDTH) * values.length), values.length - 1)];
      context.fillRect(x, Math.min(y(value), y(0)), 1, Math.abs(y(value) - y(0)));
    }
    context.fillStyle = getComputedStyle(cell).color;
    context.fillRect(0, y(0) - 0.5, WIDTH, 1);
  }
}
