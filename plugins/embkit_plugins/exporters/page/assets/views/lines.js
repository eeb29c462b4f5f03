// The two threshold lines: dragged, typed, and stepped from merge to merge.

import { count, h, plural, short } from "../state/dom.js";

const LINES = [
  { key: "from", name: "Lower line" },
  { key: "to", name: "Upper line" },
];

export class Lines {
  constructor(context, tree) {
    Object.assign(this, context);
    this.view = tree;
    this.handles = {};
    this.inputs = {};
    this.counts = {};
    for (const line of LINES) this.makeHandle(line);
    this.element = h("div", { class: "thresholds", role: "group", "aria-label": "Thresholds" },
      ...LINES.map((line) => this.makeInput(line)));
    tree.onDraw = () => this.place();
  }

  makeHandle({ key, name }) {
    const handle = h("div", { class: `line line-${key}`, role: "slider", tabindex: "0",
      "aria-label": `${name}: clusters merge below this distance`, "aria-orientation": "horizontal",
      onkeydown: (event) => this.key(event, key) }, h("span", { class: "grip", "aria-hidden": "true" }));
    handle.addEventListener("pointerdown", (event) => {
      handle.setPointerCapture(event.pointerId);
      handle.focus({ preventScroll: true });
      this.dragging = key;
      event.preventDefault();
    });
    handle.addEventListener("pointermove", (event) => {
      if (this.dragging !== key) return;
      const x = event.clientX - this.view.element.getBoundingClientRect().left;
      this.move(key, this.rounded(this.view.heightAt(x)), true);
    });
    const drop = () => {
      if (this.dragging !== key) return;
      this.dragging = null;
      this.store.set({});
      this.tell(key);
    };
    handle.addEventListener("pointerup", drop);
    handle.addEventListener("pointercancel", drop);
    this.handles[key] = handle;
    this.view.element.append(handle);
  }

  makeInput({ key, name }) {
    const input = h("input", { type: "text", inputmode: "decimal", id: `threshold-${key}`, size: "7",
      autocomplete: "off", spellcheck: "false",
      onchange: () => this.typed(key, input.value),
      onkeydown: (event) => event.key.startsWith("Arrow") && this.key(event, key) });
    this.inputs[key] = input;
    this.counts[key] = h("span", { class: "count" });
    const step = (text, label, method) => h("button", { type: "button", class: "step", title: label,
      "aria-label": `${name}: ${label}`, onclick: () => this.step(key, method) }, text);
    return h("div", { class: `threshold threshold-${key}` },
      h("label", { for: `threshold-${key}` }, key === "from" ? "From" : "to"),
      step("‹", "previous merge", "previous"), input, step("›", "next merge", "next"), this.counts[key]);
  }

  /** As many digits as a pixel is worth. */
  rounded(height) {
    const pixel = Math.abs(this.view.heightAt(1) - this.view.heightAt(0));
    return Number(Math.max(height, 0).toFixed(Math.min(Math.max(0, Math.ceil(-Math.log10(pixel))), 12)));
  }

  /** Move a line; the other never ends up on the wrong side of it. */
  move(key, value, live = false) {
    const { from, to } = this.store.state;
    const bound = live ? (key === "from" ? Math.min(value, to) : Math.max(value, from)) : value;
    const patch = { [key]: bound };
    if (key === "from" && bound > to) patch.to = bound;
    if (key === "to" && bound < from) patch.from = bound;
    this.store.set(patch, live);
  }

  typed(key, text) {
    const value = Number(text.trim().replace(",", "."));
    if (text.trim() === "" || !Number.isFinite(value) || value < 0) {
      this.inputs[key].setAttribute("aria-invalid", "true");
      this.announce(`${text.trim() || "nothing"} is not a distance; the line stays at ${this.store.state[key]}`);
      return;
    }
    this.move(key, this.tree.monotone ? value : this.ofCount(value));
    this.tell(key);
  }

  /** With inversions a number of clusters is typed, and the line lies after so many merges. */
  ofCount(clusters) {
    return Math.min(Math.max(this.tree.n - Math.round(clusters), 0), this.tree.n - 1) + 0.5;
  }

  step(key, method, ...args) {
    this.move(key, this.tree[method](this.store.state[key], ...args));
    this.tell(key);
  }

  key(event, key) {
    const steps = {
      ArrowRight: ["next"], ArrowUp: ["next"], ArrowLeft: ["previous"], ArrowDown: ["previous"],
      PageUp: ["plateau", 1], PageDown: ["plateau", -1],
    };
    const inInput = event.target.tagName === "INPUT";
    if (inInput && !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    if (event.key === "Home") this.move(key, 0);
    else if (event.key === "End") this.move(key, this.tree.next(this.tree.top));
    else if (steps[event.key]) this.step(key, ...steps[event.key]);
    else return;
    event.preventDefault();
    if (event.key === "Home" || event.key === "End") this.tell(key);
  }

  tell(key) {
    this.announce(this.sentence(key));
  }

  sentence(key) {
    const { from, to } = this.store.state;
    const clusters = plural(this.tree.nClusters(this.store.state[key]), "cluster");
    const between = this.tree.merged(to) - this.tree.merged(from);
    return `${short(this.store.state[key], 12)}: ${clusters}; ${plural(between, "merge")} between the lines`;
  }

  show() {
    for (const { key } of LINES) {
      const value = this.store.state[key];
      const clusters = this.tree.nClusters(value);
      const input = this.inputs[key];
      if (document.activeElement !== input || this.dragging) input.value = String(this.tree.monotone ? value : clusters);
      else if (Number(input.value) !== value) input.value = String(value);
      input.removeAttribute("aria-invalid");
      this.counts[key].textContent = `${count(clusters)} cl.`;
      this.counts[key].title = plural(clusters, "cluster");
      const handle = this.handles[key];
      handle.setAttribute("aria-valuenow", String(value));
      handle.setAttribute("aria-valuemin", "0");
      handle.setAttribute("aria-valuemax", String(Math.max(this.tree.top, value)));
      handle.setAttribute("aria-valuetext", this.sentence(key));
    }
    this.place();
  }

  place() {
    for (const { key } of LINES) {
      const x = this.view.x(this.store.state[key]);
      const shown = Math.min(Math.max(x, this.view.labelWidth + 8), this.view.width - 6);
      this.handles[key].style.transform = `translateX(${shown}px)`;
      this.handles[key].classList.toggle("outside", Math.abs(shown - x) > 1);
    }
  }
}
