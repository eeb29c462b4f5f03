// The map under mouse and keyboard: hover, click, lasso, pan and zoom.

import { Selection } from "../state/selection.js";
import { plural } from "../state/dom.js";

const CELLS = 64; // of the grid that finds the nearest row, along either side

export class MapInput {
  constructor(view) {
    this.view = view;
    this.current = -1;
    this.drawing = false; // whether a drag draws a lasso without the shift key
    this.listen();
    view.element.addEventListener("keydown", (event) => this.key(event));
  }

  /** The rows of each cell of a grid over the layout. */
  grid() {
    const { layout, rows } = this.view;
    if (layout.grid) return layout.grid;
    const cellOf = (p) => (layout.x[p] >> 10) + CELLS * (layout.y[p] >> 10);
    const starts = new Int32Array(CELLS * CELLS + 1);
    for (let p = 0; p < rows.n; p++) starts[cellOf(p) + 1]++;
    for (let cell = 0; cell < CELLS * CELLS; cell++) starts[cell + 1] += starts[cell];
    const next = starts.slice();
    const members = new Int32Array(rows.n);
    for (let p = 0; p < rows.n; p++) members[next[cellOf(p)]++] = p;
    layout.grid = { starts, members };
    return layout.grid;
  }

  /** The row nearest to a point of the canvas, within so many pixels; -1 where there is none. */
  nearest(px, py, within = 12 * this.view.base.ratio) {
    const { sx, sy } = this.view;
    const { scale, left, top } = this.view.frame();
    const { starts, members } = this.grid();
    const cell = (value) => Math.min(Math.max(Math.floor(value / 1024), 0), CELLS - 1);
    const [x0, x1] = [cell((px - within - left) / scale), cell((px + within - left) / scale)];
    const [y0, y1] = [cell((top - py - within) / scale), cell((top - py + within) / scale)];
    let best = -1;
    let least = within * within;
    for (let y = y0; y <= y1; y++) {
      for (let i = starts[x0 + CELLS * y]; i < starts[x1 + 1 + CELLS * y]; i++) {
        const p = members[i];
        const away = (sx[p] - px) ** 2 + (sy[p] - py) ** 2;
        if (away < least) [best, least] = [p, away];
      }
    }
    return best;
  }

  listen() {
    const { view } = this;
    const { element } = view;
    const at = (event) => {
      const box = element.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    let grip = null;
    element.addEventListener("pointerdown", (event) => {
      if (event.button || event.target.closest(".zoom, .legend")) return;
      const lasso = event.shiftKey || this.drawing;
      grip = { x: event.clientX, y: event.clientY, moved: false, lasso };
      if (lasso) {
        view.lasso = [at(event)];
        element.setPointerCapture(event.pointerId);
        event.preventDefault();
      }
    });
    element.addEventListener("pointermove", (event) => {
      if (!grip || !event.buttons) {
        if (event.target.closest(".zoom, .legend")) return;
        this.hoverAt(event, ...at(event));
        return;
      }
      const [dx, dy] = [event.clientX - grip.x, event.clientY - grip.y];
      if (Math.hypot(dx, dy) > 4) grip.moved = true;
      if (grip.lasso) {
        view.lasso.push(at(event));
        view.drawOver();
      } else if (grip.moved && event.pointerType !== "touch") {
        view.panBy(dx * view.base.ratio, dy * view.base.ratio);
        Object.assign(grip, { x: event.clientX, y: event.clientY });
      }
    });
    element.addEventListener("pointerup", (event) => {
      if (grip && grip.lasso && grip.moved) this.selectInside(view.lasso, event.ctrlKey || event.metaKey);
      else if (grip && !grip.moved) this.click(event, ...at(event));
      grip = view.lasso = null;
      view.drawOver();
    });
    element.addEventListener("pointercancel", () => (grip = view.lasso = null));
    element.addEventListener("pointerleave", () => view.hover(null, null));
    element.addEventListener("wheel", (event) => {
      event.preventDefault();
      const [x, y] = at(event);
      const factor = Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) * 0.006);
      view.zoomBy(factor, x * view.base.ratio, y * view.base.ratio);
    }, { passive: false });
  }

  hoverAt(event, x, y) {
    const place = this.nearest(x * this.view.base.ratio, y * this.view.base.ratio);
    if (place < 0) this.view.hover(null, null);
    else this.view.hover([place, place + 1], { place, x: event.clientX, y: event.clientY });
  }

  click(event, x, y) {
    const place = this.nearest(x * this.view.base.ratio, y * this.view.base.ratio);
    const adding = event.shiftKey || event.ctrlKey || event.metaKey;
    if (place >= 0) this.selectCluster(place, adding);
    else if (!adding) this.view.store.set({ selected: null });
  }

  /** Select the cluster of a row; the row alone where nothing was clustered. */
  selectCluster(place, adding) {
    const { cut, store, state, rows, clustered } = this.view;
    const range = clustered === false ? Selection.range(rows.n, place, place + 1) : cut.select(cut.at(place));
    this.take(adding && state.selected ? state.selected.toggled(range) : range, store);
  }

  take(selected, store) {
    store.set({ selected });
    this.view.announce(`${plural(selected ? selected.count : 0, "row")} selected`);
  }

  /** Select the rows inside a closed line; with `adding`, beside what is selected. */
  selectInside(line, adding) {
    const { sx, sy, rows, base, state, store } = this.view;
    const places = [];
    for (let p = 0; p < rows.n; p++) {
      if (inside(sx[p] / base.ratio, sy[p] / base.ratio, line)) places.push(p);
      else if (adding && state.selected && state.selected.mask[p]) places.push(p);
    }
    this.take(places.length ? new Selection(rows.n, places) : null, store);
  }

  key(event) {
    if (event.target !== this.view.element || event.ctrlKey || event.metaKey || event.altKey) return;
    const { view } = this;
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const actions = {
      "]": () => this.nextCluster(1), "[": () => this.nextCluster(-1),
      "+": () => view.zoomBy(1.5), "=": () => view.zoomBy(1.5), "-": () => view.zoomBy(1 / 1.5), 0: () => view.zoomBy(0),
      Enter: () => this.current >= 0 && this.selectCluster(this.current, event.shiftKey),
      " ": () => this.current >= 0 && this.selectCluster(this.current, event.shiftKey),
    };
    if (steps[event.key]) this.go(this.towards(...steps[event.key]));
    else if (actions[event.key]) actions[event.key]();
    else return;
    event.preventDefault();
  }

  /** The nearest row in a direction, what lies aside of it counting double. */
  towards(dx, dy) {
    const { sx, sy, rows, base } = this.view;
    const at = this.current;
    const [x, y] = at < 0 ? [base.width / 2, base.height / 2] : [sx[at], sy[at]];
    let best = at;
    let least = Infinity;
    for (let p = 0; p < rows.n; p++) {
      const along = (sx[p] - x) * dx + (sy[p] - y) * dy;
      const aside = Math.abs((sx[p] - x) * dy) + Math.abs((sy[p] - y) * dx);
      if (p === at || (at >= 0 && (along <= 0.5 || aside > along))) continue;
      const away = Math.abs(along) + 2 * aside;
      if (away < least) [best, least] = [p, away];
    }
    return best;
  }

  nextCluster(step) {
    const { cut } = this.view;
    const order = cut.order;
    const number = this.current < 0 ? (step > 0 ? -1 : 0) : order.indexOf(cut.at(this.current));
    const index = order[(number + step + order.length) % order.length];
    this.go(cut.member(index, 0), index);
  }

  go(place, index = -1) {
    const { view } = this;
    if (place < 0) return;
    this.current = place;
    view.hover(index < 0 ? [place, place + 1] : view.cut.span(index), null);
    const cluster = view.cut.at(place);
    const name = index < 0 ? view.rows.describe(place) : view.nameOf(view.cut, index);
    view.announce(view.clustered === false ? name : `${name}; cluster of ${plural(view.cut.size(cluster), "row")}`);
  }
}

function inside(x, y, line) {
  let within = false;
  for (let i = 0, j = line.length - 1; i < line.length; j = i++) {
    const [xi, yi] = line[i];
    const [xj, yj] = line[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) within = !within;
  }
  return within;
}
