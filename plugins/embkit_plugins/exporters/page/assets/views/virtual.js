// A grid of which only the rows in sight exist, so that 200,000 rows scroll like 20.

import { h } from "../state/dom.js";

/**
 * A grid with rows of one height, moved through by the arrow keys.
 *
 * options: label, columns [{key, title, hint, class, sortable}], rowHeight,
 * fill(cells, index, row) sets the content of a row, and the callbacks onActive(index),
 * onEnter(index, event), onSort(key), onHover(index or -1).
 */
export class VirtualGrid {
  constructor(options) {
    this.options = options;
    this.count = 0;
    this.active = -1;
    this.pool = [];
    this.prefix = `g${VirtualGrid.made = (VirtualGrid.made || 0) + 1}`;
    this.head = h("div", { role: "row", class: "grid-row grid-head", "aria-rowindex": "1" },
      ...options.columns.map((column) => this.header(column)));
    this.body = h("div", { class: "grid-body", role: "rowgroup" });
    this.element = h("div", {
      class: `grid ${options.class || ""}`, role: "grid", tabindex: "0", "aria-label": options.label,
      "aria-colcount": String(options.columns.length),
      onkeydown: (event) => this.key(event), onscroll: () => this.draw(),
      onmouseleave: () => options.onHover && options.onHover(-1),
    }, h("div", { role: "rowgroup", class: "grid-top" }, this.head), this.body);
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  header(column) {
    const cell = h("div", { role: "columnheader", class: `cell ${column.class || ""}`, title: column.hint || column.title });
    if (column.sortable && this.options.onSort) {
      cell.append(h("button", { type: "button", tabindex: "-1", onclick: () => this.options.onSort(column.key) }, column.title));
    } else cell.append(column.title);
    column.cell = cell;
    return cell;
  }

  showSort(key, descending) {
    for (const column of this.options.columns) {
      if (column.key === key) column.cell.setAttribute("aria-sort", descending ? "descending" : "ascending");
      else column.cell.removeAttribute("aria-sort");
    }
  }

  /** Show so many rows; the one active stays so where it still exists. */
  resize(count, keepScroll = false) {
    this.count = count;
    this.element.setAttribute("aria-rowcount", String(count + 1));
    this.body.style.height = `${count * this.options.rowHeight}px`;
    if (!keepScroll) this.element.scrollTop = 0;
    if (this.active >= count) this.active = -1;
    this.draw();
  }

  draw() {
    const { rowHeight, columns } = this.options;
    const inSight = Math.ceil(this.element.clientHeight / rowHeight) + 2;
    const first = Math.max(0, Math.min(Math.floor(this.element.scrollTop / rowHeight), this.count - inSight + 1));
    const wanted = this.printing ? Math.min(this.count, 200) : Math.min(this.count - first, inSight);
    while (this.pool.length < wanted) this.pool.push(this.makeRow(columns));
    this.pool.forEach((row, i) => {
      row.element.hidden = i >= wanted;
      if (i >= wanted) {
        row.element.removeAttribute("id");
        row.element.classList.remove("active");
        return;
      }
      const index = first + i;
      row.index = index;
      row.element.style.transform = `translateY(${index * rowHeight}px)`;
      row.element.id = `${this.prefix}-${index}`;
      row.element.setAttribute("aria-rowindex", String(index + 2));
      row.element.classList.toggle("active", index === this.active);
      this.options.fill(row.cells, index, row.element);
    });
    if (this.active >= 0) this.element.setAttribute("aria-activedescendant", `${this.prefix}-${this.active}`);
    else this.element.removeAttribute("aria-activedescendant");
  }

  makeRow(columns) {
    const cells = columns.map((column) => h("div", { role: "gridcell", class: `cell ${column.class || ""}` }));
    const row = { cells, index: -1 };
    row.element = h("div", {
      role: "row", class: "grid-row",
      onclick: (event) => {
        this.activate(row.index);
        if (this.options.onClick) this.options.onClick(row.index, event);
      },
      ondblclick: (event) => this.options.onEnter && this.options.onEnter(row.index, event),
      onmouseenter: () => this.options.onHover && this.options.onHover(row.index),
    }, ...cells);
    row.element.style.height = `${this.options.rowHeight}px`;
    this.body.append(row.element);
    return row;
  }

  activate(index) {
    this.active = index;
    this.draw();
    if (this.options.onActive && index >= 0) this.options.onActive(index);
  }

  reveal(index) {
    const { rowHeight } = this.options;
    const top = index * rowHeight;
    const room = this.element.clientHeight - this.head.offsetHeight;
    if (top < this.element.scrollTop) this.element.scrollTop = top;
    else if (top + rowHeight > this.element.scrollTop + room) this.element.scrollTop = top + rowHeight - room;
  }

  key(event) {
    if (event.target !== this.element) return;
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.options.rowHeight) - 2);
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -this.count, End: this.count };
    if (event.key in moves && !event.altKey && !event.ctrlKey && !event.metaKey && this.count) {
      const next = Math.min(Math.max(this.active + moves[event.key], 0), this.count - 1);
      this.reveal(next);
      this.activate(next);
    } else if ((event.key === "Enter" || event.key === " ") && this.active >= 0 && this.options.onEnter) {
      this.options.onEnter(this.active, event);
    } else return;
    event.preventDefault();
  }
}
