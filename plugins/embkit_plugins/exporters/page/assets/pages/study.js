// The page of a study: scores of every method with intervals, agreement, and any two trials side by side.

import { about } from "../views/about.js";
import { Page } from "./base.js";
import { readPalette, suitPalette } from "../state/colours.js";
import { count, h, plural, short } from "../state/dom.js";
import { panel, Tabs } from "../views/frame.js";
import { readClusters, readMaps, Rows } from "../state/model.js";
import { adjustedRand } from "../state/overlap.js";
import { ScoreTable, agreementTable } from "./scores.js";
import { Sides } from "./sides.js";

const SIDES = ["left", "right"];

export class StudyPage extends Page {
  constructor(root, document, arrays) {
    const datasets = document.datasets.map((dataset) => ({
      name: dataset.name, verdict: dataset.verdict, rows: new Rows(dataset.rows, arrays), maps: readMaps(dataset.maps, arrays),
      agreement: dataset.agreement === null ? null : arrays[dataset.agreement],
    }));
    const trials = document.trials.map((trial, number) => ({
      ...trial, number, clusters: trial.clusters && readClusters(trial.clusters, document.words, arrays),
    }));
    const first = datasets[0];
    const [left, right] = firstTwo(trials.filter(({ dataset, clusters }) => dataset === first.name && clusters));
    super(root, document, first.rows, {
      dataset: first.name, left, right, score: document.summaries.length ? document.summaries[0][2] : "", tab: "texts",
      map: first.maps.length ? first.maps[0].name : "",
    });
    Object.assign(this, { document, datasets, trials, built: new Map() });
    this.palette = readPalette(document);
    this.build();
    this.start(["dataset", "query", "selected"]);
  }

  build() {
    const { frame, document, datasets } = this;
    this.choice = h("select", { "aria-label": "Dataset", onchange: () => this.goTo(this.choice.value) },
      ...datasets.map(({ name, verdict }) => h("option", { value: name }, verdict ? `${name}: ${verdict[0]}` : name)));
    this.scores = new ScoreTable(document, (method, side) => this.put(method, side), (score) => this.store.set({ score }));
    this.agreement = h("div", { class: "agreement scroll", tabindex: "0", role: "region", "aria-label": "Agreement of the methods" });
    this.selects = SIDES.map((key, side) => h("select", { "aria-label": `Trial on the ${key}`, onchange: () => this.store.set({ [key]: Number(this.selects[side].value) }) }));
    this.fact = h("span", { class: "shown" });
    this.pair = h("div", { class: "pair" });
    frame.main.append(
      panel("scores", "Scores", datasets.length > 1 ? [this.choice] : [], this.scores.element),
      panel("agreement", "Agreement (adjusted Rand index)", [], this.agreement), this.pair);
    frame.facts.textContent = `${plural(this.trials.length, "trial")} of ${plural(new Set(this.trials.map(({ method }) => method)).size, "method")} on ${plural(datasets.length, "dataset")}`;
  }

  /** Show another dataset, with its first two methods side by side. */
  goTo(name) {
    const [left, right] = firstTwo(this.trials.filter(({ dataset, clusters }) => dataset === name && clusters));
    this.store.set({ dataset: name, left, right, selected: null, query: "", sort: "tree", colour: "cluster" });
  }

  put(method, side) {
    const found = this.trials.find((trial) => trial.dataset === this.dataset.name && trial.method === method && trial.clusters);
    if (found) this.store.set({ [SIDES[side]]: found.number });
    this.frame.announce(found ? `${method} is shown on the ${SIDES[side]}` : `${method} has no clusters to show`);
  }

  refresh(changed) {
    const { state } = this.store;
    this.dataset = this.datasets.find(({ name }) => name === state.dataset) || this.datasets[0];
    this.rows = this.dataset.rows;
    super.refresh(changed);
  }

  /** The two sides of a dataset, made when they are first needed. */
  sidesOf(dataset) {
    if (!this.built.has(dataset.name)) {
      const sides = new Sides({ ...this.context, rows: dataset.rows, maps: dataset.maps, palette: this.palette }, ["Left", "Right"]);
      const tabs = new Tabs("rows", [["texts", dataset.rows.texts ? "Texts" : "Rows", sides.texts.element],
        ["shared", "Shared rows", sides.overlap], ["about", "About", about(this.document)]], (tab) => this.store.set({ tab }));
      this.built.set(dataset.name, { sides, tabs });
    }
    return this.built.get(dataset.name);
  }

  update(changed) {
    const { state } = this.store;
    const { sides, tabs } = this.sidesOf(this.dataset);
    if (changed.has("dataset")) this.showDataset(sides, tabs);
    if (changed.has("dataset") || changed.has("left") || changed.has("right")) this.compare(sides);
    if (["dataset", "left", "right", "query", "selected", "map", "colour"].some((key) => changed.has(key))) {
      if (sides.cuts) sides.show(this.theme);
    } else if ((changed.has("sort") || changed.has("tab")) && sides.cuts) sides.showTables();
    this.scores.show(this.dataset.name, state.score, SIDES.map((key) => this.trials[state[key]]));
    tabs.show(state.tab);
  }

  showDataset(sides, tabs) {
    this.choice.value = this.dataset.name;
    this.frame.showVerdict(this.dataset.verdict);
    const methods = [...new Set(this.trials.filter(({ dataset }) => dataset === this.dataset.name).map(({ method }) => method))];
    this.agreement.replaceChildren(...agreementTable(methods, this.dataset.agreement, (first, second) => {
      this.put(first, 0);
      this.put(second, 1);
    }));
    this.selects.forEach((select) => select.replaceChildren(...this.trials
      .filter(({ dataset, clusters }) => dataset === this.dataset.name && clusters)
      .map(({ number, method, seed }) => h("option", { value: number }, seed === null ? method : `${method}, seed ${seed}`))));
    sides.panels.forEach(({ element }, side) => element.querySelector("h2").replaceChildren(this.selects[side]));
    this.pair.replaceChildren(...sides.panels.map(({ element }) => element), tabs.element);
    const choices = sides.panels.length ? [] : this.selects;
    tabs.element.firstChild.append(...choices, this.fact);
    this.views = sides.views;
  }

  compare(sides) {
    const chosen = SIDES.map((key) => this.trials[this.store.state[key]]);
    const fits = chosen.every((trial) => trial && trial.dataset === this.dataset.name && trial.clusters);
    sides.cuts = fits ? sides.cuts : null;
    this.fact.textContent = fits ? "" : "No two trials with clusters to compare.";
    if (!fits) return;
    sides.compare(chosen.map(({ clusters }) => clusters));
    this.selects.forEach((select, side) => (select.value = String(chosen[side].number)));
    const [left, right] = sides.cuts.map((cut) => `${count(cut.nClusters)}${cut.nNoise ? ` and ${count(cut.nNoise)} rows of noise` : ""}`);
    this.fact.textContent = `${left} clusters left, ${right} right; adjusted Rand index ${short(adjustedRand(sides.allCells, this.rows.n), 3)}`;
  }

  grids() {
    return [...this.built.values()].flatMap(({ sides }) => [sides.grid, sides.texts.grid]);
  }

  themeChanged() {
    suitPalette(this.palette, this.document, this.theme.dark);
    for (const { sides } of this.built.values()) for (const { columns } of sides.panels) columns.clear();
  }

  tip(info) {
    const { sides } = this.sidesOf(this.dataset);
    return sides.cuts ? sides.tip(info) : null;
  }
}

/** Two trials of different methods to begin with, or what there is. */
function firstTwo(trials) {
  const [left] = trials;
  const right = trials.find(({ method }) => left && method !== left.method) || left;
  return [left ? left.number : -1, right ? right.number : -1];
}
