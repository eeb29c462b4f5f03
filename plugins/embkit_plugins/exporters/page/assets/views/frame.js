// What every page has: header, search, undo, tabs, tooltip, and the line that is read aloud.

import { verdictChip, warningList } from "./about.js";
import { button, h } from "../state/dom.js";

export class Frame {
  constructor(root, document, store) {
    this.store = store;
    this.live = h("div", { class: "sr-only", role: "status", "aria-live": "polite" });
    this.tip = h("div", { class: "tip", hidden: true, "aria-hidden": "true" });
    this.search = h("input", { type: "search", placeholder: "Search texts", "aria-label": "Search texts and ids", autocomplete: "off", spellcheck: "false",
      oninput: () => store.set({ query: this.search.value.trim() }) });
    this.undo = button("↶", "Undo (Ctrl Z)", () => this.travel("undo"));
    this.redo = button("↷", "Redo (Ctrl Shift Z)", () => this.travel("redo"));
    this.facts = h("p", { class: "facts" });
    this.warnings = warningList(document.warnings);
    this.main = h("main", { class: `layout layout-${document.kind}` });
    this.verdict = h("div", { class: "verdicts" });
    this.showVerdict(document.verdict);
    this.header = h("header", {},
      h("div", { class: "titles" }, h("h1", { dir: "auto" }, document.title), this.facts),
      this.verdict,
      h("div", { class: "tools" }, this.search, this.undo, this.redo));
    root.replaceChildren(this.header, ...(this.warnings ? [this.warnings] : []), this.main, this.live, this.tip);
    const listening = root.classList.contains("embedded") ? root : window.document;
    listening.addEventListener("keydown", (event) => this.key(event));
    this.showHistory();
  }

  showVerdict(verdict) {
    this.verdict.replaceChildren(...[verdictChip(verdict)].filter(Boolean));
  }

  travel(direction) {
    this.store[direction]();
    this.announce(direction === "undo" ? "undone" : "done again");
  }

  /** Have a sentence read aloud; of several in a row only the last. */
  announce(sentence) {
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => (this.live.textContent = sentence), 60);
  }

  showHistory() {
    this.undo.disabled = !this.store.past.length;
    this.redo.disabled = !this.store.future.length;
    const { query } = this.store.state;
    if (this.search.value.trim() !== query) this.search.value = query;
  }

  key(event) {
    const typing = ["INPUT", "TEXTAREA", "SELECT"].includes(event.target.tagName);
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === "z" && !(typing && event.target.type === "search" && event.target.value)) {
      this.travel(event.shiftKey ? "redo" : "undo");
    } else if (command && event.key.toLowerCase() === "y") this.travel("redo");
    else if (event.key === "/" && !typing) this.search.focus();
    else if (event.key === "Escape") {
      this.store.set({ query: "", selected: null });
      this.announce("search and selection cleared");
    } else return;
    event.preventDefault();
  }

  /** A note beside the pointer; nothing where there are no lines. */
  showTip(lines, x, y) {
    this.tip.hidden = !lines;
    if (!lines) return;
    this.tip.replaceChildren(...lines.map((line, i) => h("div", { class: i ? "muted" : "", dir: "auto" }, line)));
    const { offsetWidth: width, offsetHeight: height } = this.tip;
    const left = x + 14 + width > innerWidth ? Math.max(4, x - width - 10) : x + 14;
    const top = y + 16 + height > innerHeight ? Math.max(4, y - height - 10) : y + 16;
    // A container of a notebook may be what fixed positions count from, instead of the window.
    const { style } = this.tip;
    style.transform = "none";
    const origin = this.tip.getBoundingClientRect();
    style.transform = `translate(${left - origin.left}px, ${top - origin.top}px)`;
  }
}

export function panel(name, title, controls, ...children) {
  return h("section", { class: `panel panel-${name}`, "aria-label": title },
    h("div", { class: "panel-head" }, h("h2", {}, title), ...controls), ...children);
}

/** Panels of which one is in sight; `items` are [key, title, element]. */
export class Tabs {
  constructor(name, items, onChoose) {
    this.items = items;
    this.tabs = items.map(([key, title]) => h("button", { type: "button", role: "tab", id: `${name}-tab-${key}`,
      "aria-controls": `${name}-panel-${key}`, onclick: () => onChoose(key), onkeydown: (event) => this.key(event, onChoose) }, title));
    this.panels = items.map(([key, , element]) => h("div", { role: "tabpanel", id: `${name}-panel-${key}`,
      "aria-labelledby": `${name}-tab-${key}`, class: "tab-panel" }, element));
    this.list = h("div", { role: "tablist", class: "tabs" }, ...this.tabs);
    this.element = h("section", { class: `panel panel-${name}`, "aria-label": "Rows and clusters" },
      h("div", { class: "panel-head" }, this.list), ...this.panels);
  }

  show(chosen) {
    this.items.forEach(([key], i) => {
      const on = key === chosen;
      this.tabs[i].setAttribute("aria-selected", String(on));
      this.tabs[i].tabIndex = on ? 0 : -1;
      this.panels[i].hidden = !on;
    });
  }

  key(event, onChoose) {
    const at = this.tabs.indexOf(event.target);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = (at + step + this.tabs.length) % this.tabs.length;
    onChoose(this.items[next][0]);
    this.tabs[next].focus();
    event.preventDefault();
  }
}

