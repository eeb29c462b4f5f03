// What the pictures share: a canvas that fits its box, text that fits its room, ticks, colours of the theme.

import { h } from "../state/dom.js";

/** A canvas that always has the pixels of its box; `draw` is called when they change. */
export function fittedCanvas(box, draw) {
  const canvas = h("canvas", { "aria-hidden": "true" });
  box.append(canvas);
  const fit = () => {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const width = Math.max(1, Math.round(box.clientWidth * ratio));
    const height = Math.max(1, Math.round(box.clientHeight * ratio));
    canvas.ratio = ratio;
    if (canvas.width === width && canvas.height === height) return;
    canvas.width = width;
    canvas.height = height;
    draw();
  };
  new ResizeObserver(fit).observe(box);
  fit();
  return canvas;
}

/** The colours that the style sheet gives to canvases. */
export function theme(root) {
  const style = getComputedStyle(root);
  const value = (name) => style.getPropertyValue(`--${name}`).trim();
  const names = ["surface", "ink", "muted", "rule", "accent", "second", "noise", "alone", "band"];
  const colours = Object.fromEntries(names.map((name) => [name, value(name)]));
  const number = (hex) => parseInt(hex.slice(1), 16);
  const dark = number(colours.surface) < 0x808080;
  return { ...colours, dark, font: style.fontFamily, noiseNumber: number(colours.noise),
    aloneNumber: number(colours.alone), surfaceNumber: number(colours.surface), inkNumber: number(colours.ink) };
}

/** As much of a text as fits, with an ellipsis where it does not. */
export function fitted(context, text, room) {
  if (context.measureText(text).width <= room) return text;
  let low = 0;
  let high = text.length;
  while (low < high) {
    const half = (low + high + 1) >> 1;
    if (context.measureText(`${text.slice(0, half)}…`).width <= room) low = half;
    else high = half - 1;
  }
  return low ? `${text.slice(0, low).trimEnd()}…` : "";
}

/** Round numbers between two others, about so many. */
export function ticks(low, high, most) {
  const rough = (high - low) / Math.max(most, 2);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough) * power;
  const found = [];
  for (let i = Math.ceil(low / step); i * step <= high; i++) found.push(Number((i * step).toPrecision(10)));
  return found;
}
