// What stands above and behind the pictures: the verdict, scores, settings, warnings, the keys.

import { h, short } from "../state/dom.js";

const MEANING = {
  clusters: "The density falls between the groups: there are clusters.",
  continuum: "No valley in the density was found: the rows may be a continuum that any clustering only divides.",
  undecided: "A shallow valley, which rows without clusters would show by chance now and then.",
};
const KEYS = [
  ["/", "search"], ["Ctrl Z, Ctrl Shift Z", "undo, redo"], ["Esc", "clear search and selection"],
  ["← → on a line", "previous or next merge"], ["Page ↑ ↓ on a line", "next plateau"], ["Home, End on a line", "all rows apart, all together"],
  ["↑ ↓ in the tree", "next cluster"], ["← → in the tree", "its parts, what holds it"],
  ["arrows in the map", "nearest row that way"], ["[ ] in the map", "next cluster"], ["F2 in the clusters", "rename the one chosen"], ["Enter", "select"], ["Shift Enter", "select beside what is selected"],
  ["+ − 0", "zoom in, out, all"], ["Shift drag in the map", "lasso"],
];

export function verdictChip(verdict) {
  if (!verdict) return null;
  const [kind, p, sentence] = verdict;
  const value = p === null ? "" : ` · p ${p < 0.001 ? "< 0.001" : `= ${short(p, 2)}`}`;
  return h("p", { class: `verdict verdict-${kind}`, title: sentence || MEANING[kind] || "" },
    h("span", { class: "dot", "aria-hidden": "true" }), h("span", {}, h("strong", {}, kind), value));
}

export function warningList(warnings) {
  if (!warnings.length) return null;
  return h("div", { class: "warnings", role: "note", "aria-label": "What to know" }, ...warnings.map((text) => h("p", {}, text)));
}

/** The settings, scores and notes of a run, diff or study. */
export function about(document) {
  const parts = [];
  if (document.verdict) {
    const [kind, , sentence] = document.verdict;
    const said = sentence.startsWith(`${kind}: `) ? sentence.slice(kind.length) : `. ${sentence || MEANING[kind] || ""}`;
    parts.push(section("Are there clusters?", h("p", {}, h("strong", {}, kind), said)));
  }
  const judged = (document.datasets || []).filter(({ verdict }) => verdict);
  if (judged.length) parts.push(section("Are there clusters?", pairs(judged.map(({ name, verdict }) => [name, verdict[2]]))));
  if (document.scores && document.scores.length) parts.push(section("Scores", scores(document.scores)));
  if (document.settings.length) parts.push(section("Settings", pairs(document.settings)));
  if (document.warnings.length) parts.push(section("To know", ...document.warnings.map((text) => h("p", {}, text))));
  parts.push(section("Keys", pairs(KEYS)));
  parts.push(h("p", { class: "muted" }, "This file holds everything it shows. It makes no request and sends nothing."));
  return h("div", { class: "about", tabindex: "0", role: "region", "aria-label": "About this page" }, ...parts);
}

function section(title, ...children) {
  return h("section", {}, h("h3", {}, title), ...children);
}

function pairs(list) {
  return h("dl", { class: "pairs" }, ...list.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, String(value)))));
}

function scores(list) {
  const groups = new Map();
  for (const [validator, name, value, notes] of list) {
    if (!groups.has(validator)) groups.set(validator, { lines: [], notes: new Set() });
    const group = groups.get(validator);
    group.lines.push([name, typeof value === "number" ? short(value, 4) : String(value ?? "–")]);
    for (const note of notes) group.notes.add(note);
  }
  return h("div", { class: "score-groups" }, ...[...groups].map(([validator, { lines, notes }]) => h("div", {},
    h("h4", {}, validator), pairs(lines), ...[...notes].map((note) => h("p", { class: "muted" }, note)))));
}
