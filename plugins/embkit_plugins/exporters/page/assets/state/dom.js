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
