// The state of the page: one object, its history, and its copy in the address.

/** State that is kept in the history, and in the address under a short name. */
const KEPT = {
  dataset: "data", left: "a", right: "b", score: "score",
  from: "from", to: "to", query: "q", map: "map", colour: "colour", sort: "sort", order: "ledger", tab: "tab", names: "names", selected: "sel",
};

export class Store {
  constructor(initial, codec, addressed = true) {
    this.initial = { ...initial };
    this.state = { ...initial };
    this.codec = codec; // turns the selection into a short text and back
    this.addressed = addressed; // whether the state is kept in the address
    this.listeners = [];
    this.changed = new Set();
    this.past = [];
    this.future = [];
    this.baseline = { ...initial };
    this.frame = 0;
    this.writing = 0;
  }

  /** Call `listener(state, changed)` once a frame after something changed. */
  subscribe(listener) {
    this.listeners.push(listener);
  }

  /**
   * Change the state. A change counts as a step to undo unless it is `live`, one
   * of many on the way to the one that counts.
   */
  set(patch, live = false) {
    for (const [key, value] of Object.entries(patch)) {
      if (this.state[key] !== value) {
        this.state[key] = value;
        this.changed.add(key);
      }
    }
    if (!live) this.commit();
    if (this.changed.size && !this.frame) this.frame = requestAnimationFrame(() => this.flush());
  }

  commit() {
    const differs = Object.keys(KEPT).filter((key) => this.state[key] !== this.baseline[key]);
    if (!differs.length) return;
    // Letters typed one after the other are one step, not many.
    const typing = differs.length === 1 && differs[0] === "query" && this.lastStep === "query";
    if (!typing) this.past.push(this.baseline);
    this.lastStep = differs.join();
    this.past = this.past.slice(-200);
    this.future = [];
    this.baseline = this.kept();
    this.changed.add("history");
  }

  kept() {
    return Object.fromEntries(Object.keys(KEPT).map((key) => [key, this.state[key]]));
  }

  undo() {
    this.travel(this.past, this.future);
  }

  redo() {
    this.travel(this.future, this.past);
  }

  travel(from, to) {
    if (!from.length) return;
    to.push(this.baseline);
    this.baseline = from.pop();
    this.lastStep = "";
    for (const key of Object.keys(KEPT)) {
      if (this.state[key] !== this.baseline[key]) this.changed.add(key);
      this.state[key] = this.baseline[key];
    }
    this.changed.add("history");
    this.flush();
  }

  flush() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const changed = this.changed;
    this.changed = new Set();
    for (const listener of this.listeners) listener(this.state, changed);
    clearTimeout(this.writing);
    this.writing = setTimeout(() => this.writeAddress(), 150);
  }

  writeAddress() {
    if (!this.addressed) return;
    const parts = new URLSearchParams();
    for (const [key, name] of Object.entries(KEPT)) {
      const value = this.state[key];
      if (value === this.initial[key] || value === undefined) continue;
      const text = key === "selected" ? this.codec.write(value) : String(value);
      if (text) parts.set(name, text);
    }
    const hash = `#${parts}`;
    if (hash === (location.hash || "#")) return;
    try {
      history.replaceState(null, "", hash);
    } catch {
      // A page inside another document (srcdoc) has no address of its own.
    }
  }

  /** Take the state from the address; what does not fit is ignored. */
  readAddress() {
    const parts = new URLSearchParams(this.addressed ? location.hash.slice(1) : "");
    const patch = {};
    for (const [key, name] of Object.entries(KEPT)) {
      if (!parts.has(name) || !(key in this.initial)) continue;
      const text = parts.get(name);
      const value = key === "selected" ? this.codec.read(text)
        : typeof this.initial[key] === "number" ? Number(text) : text;
      if (value !== null && !Number.isNaN(value)) patch[key] = value;
    }
    return patch;
  }
}
