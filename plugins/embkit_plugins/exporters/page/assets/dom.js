// Small helpers: elements, numbers in words, files to save.

/** An element with properties, attributes (by their names) and children; strings become text. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A square of a colour. */
export function swatch(colour) {
  const element = h("span", { class: "swatch", "aria-hidden": "true" });
  element.style.backgroundColor = colour;
  return element;
}

export function button(text, label, onclick, extra = {}) {
  return h("button", { type: "button", "aria-label": label, title: label, onclick, ...extra }, text);
}

const COUNT = new Intl.NumberFormat("en-US");

export function count(number) {
  return COUNT.format(number);
}

export function plural(number, noun) {
  return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** A number to so many significant digits, without trailing zeros. */
export function short(number, digits = 3) {
  if (number === null || number === undefined || Number.isNaN(number)) return "–";
  return String(Number(number.toPrecision(digits)));
}

export function signed(number) {
  if (number === null || Number.isNaN(number)) return "–";
  return `${number < 0 ? "−" : "+"}${Math.abs(number).toFixed(2)}`;
}

export function percent(share) {
  return `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)}%`;
}

/** Text on one line with what moves the cursor or the reading direction taken out. */
export function oneLine(text, longest = 400) {
  return visible(text.length > longest ? `${text.slice(0, longest)}…` : text).replace(/\s+/g, " ").trim();
}

/** Text with control and bidirectional-override characters replaced. */
export function visible(text) {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
}

export function save(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = h("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

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
export function theme() {
  const style = getComputedStyle(document.querySelector(".embkit"));
  const value = (name) => style.getPropertyValue(`--${name}`).trim();
  const names = ["surface", "ink", "muted", "rule", "accent", "second", "noise", "alone", "band"];
  const colours = Object.fromEntries(names.map((name) => [name, value(name)]));
  const number = (hex) => parseInt(hex.slice(1), 16);
  return { ...colours, font: style.fontFamily, noiseNumber: number(colours.noise),
    aloneNumber: number(colours.alone), surfaceNumber: number(colours.surface), inkNumber: number(colours.ink) };
}
