// The scores of a study's methods with their intervals, and how far methods agree.

import { h, short } from "../state/dom.js";
import { css, sequential } from "../state/colours.js";

export class ScoreTable {
  /** put(method, side) shows a method on a side; choose(score) sorts by a score. */
  constructor(document, put, choose) {
    Object.assign(this, { document, put, choose });
    this.element = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Scores of the methods" });
  }

  show(dataset, score, chosen) {
    const key = [dataset, score, ...chosen.map((trial) => trial && trial.method)].join("\n");
    if (key === this.shown) return;
    this.shown = key;
    const cells = this.document.summaries.filter(([of]) => of === dataset);
    const scores = [...new Set(cells.map(([, , name]) => name))];
    const trials = this.document.trials.filter((trial) => trial.dataset === dataset);
    const found = new Map(cells.map((cell) => [`${cell[1]}\n${cell[2]}`, cell]));
    const value = (method) => (found.get(`${method}\n${score}`) || [0, 0, 0, null])[3];
    const sign = this.document.higher[score] === false ? 1 : -1;
    const methods = [...new Set(trials.map(({ method }) => method))].sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      return x === null ? 1 : y === null ? -1 : sign * (x - y);
    });
    const ranges = new Map(scores.map((name) => [name, range(cells.filter((cell) => cell[2] === name))]));
    const head = h("tr", {}, h("th", { scope: "col" }, "Method"), h("th", { scope: "col" }, "Show"),
      ...scores.map((name) => h("th", { scope: "col", "aria-sort": name === score ? (sign < 0 ? "descending" : "ascending") : null },
        h("button", { type: "button", onclick: () => this.choose(name) }, name.replaceAll("_", " ")))));
    const row = (method) => h("tr", {}, h("th", { scope: "row" }, method, failures(trials, method)),
      h("td", { class: "put" }, ...["L", "R"].map((letter, side) => h("button", {
        type: "button", "aria-pressed": String(Boolean(chosen[side] && chosen[side].method === method)),
        "aria-label": `Show ${method} on the ${side ? "right" : "left"}`, onclick: () => this.put(method, side),
      }, letter))),
      ...scores.map((name) => h("td", {}, ...interval(found.get(`${method}\n${name}`), ranges.get(name)))));
    this.element.replaceChildren(h("table", { class: "score-table" }, h("thead", {}, head), h("tbody", {}, ...methods.map(row))));
  }
}

function failures(trials, method) {
  const failed = trials.filter((trial) => trial.method === method && trial.failure);
  return failed.length ? h("span", { class: "failed", title: failed[0].failure }, `${failed.length} failed`) : "";
}

function range(cells) {
  const ends = cells.flatMap(([, , , mean, bounds]) => (bounds ? [mean, ...bounds] : [mean]));
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  return [low, high - low || 1];
}

/** A mean as a number and as a dot on a line as long as its interval. */
function interval(cell, [low, width]) {
  if (!cell) return [h("span", { class: "muted" }, "–")];
  const [, , , mean, bounds, n] = cell;
  const at = (value) => `${(100 * (value - low)) / width}%`;
  const track = h("span", { class: "track", "aria-hidden": "true" });
  if (bounds) {
    const line = h("span", { class: "whisker" });
    line.style.left = at(bounds[0]);
    line.style.width = `${(100 * (bounds[1] - bounds[0])) / width}%`;
    track.append(line);
  }
  const dot = h("span", { class: "dot" });
  dot.style.left = at(mean);
  track.append(dot);
  const said = bounds ? `95 % interval ${short(bounds[0])} to ${short(bounds[1])}, ${n} trials` : "a single trial";
  return [h("span", { class: "value", title: said }, short(mean, 3)), h("span", { class: "sr-only" }, said), track];
}

/** The matrix of agreement of the methods; a cell shows its two methods side by side. */
export function agreementTable(methods, agreement, show) {
  if (!agreement) return [h("p", { class: "muted" }, "Agreement was not computed.")];
  const k = methods.length;
  const cell = (i, j) => {
    const value = agreement[i * k + j];
    if (Number.isNaN(value)) return h("td", {}, "–");
    const button = h("button", { type: "button", title: `${methods[i]} and ${methods[j]}: ${short(value, 3)}`,
      "aria-label": `${methods[i]} and ${methods[j]}: ${short(value, 3)}`, onclick: () => show(methods[i], methods[j]) }, value.toFixed(2));
    button.style.backgroundColor = css(sequential(value));
    button.style.color = value > 0.42 ? "#000" : "#fff";
    return h("td", {}, button);
  };
  const numbers = methods.map((_, i) => i);
  return [h("table", { class: "agreement-table" },
    h("thead", {}, h("tr", {}, h("td", {}), ...numbers.map((j) => h("th", { scope: "col", title: methods[j] }, String(j + 1))))),
    h("tbody", {}, ...numbers.map((i) => h("tr", {}, h("th", { scope: "row" }, `${i + 1}  ${methods[i]}`), ...numbers.map((j) => cell(i, j))))))];
}
