// The names and sizes of clusters, and of groups of clusters, at the left of the dendrogram.

import { fitted } from "./canvas.js";
import { count } from "../state/dom.js";

export const LABEL = 13; // pixels that a label needs

export function drawLabels(context, view) {
  const { tree, lower, model, colours, labelWidth } = view;
  context.textBaseline = "middle";
  for (const { node, folded, y } of [...view.labels, ...besides(view)]) {
    const size = tree.size(node);
    const held = folded ? 1 : lower.at(tree.end[node] - 1) - lower.at(tree.start[node]) + 1;
    const number = folded ? count(size) : `${count(held)} cl. · ${count(size)}`;
    context.font = `500 11px ${colours.font}`;
    context.textAlign = "right";
    context.fillStyle = folded ? colours.ink : colours.muted;
    context.fillText(number, labelWidth - 2, y + 0.5);
    const room = labelWidth - 16 - context.measureText(number).width;
    context.font = `${folded ? "" : "italic "}12px ${colours.font}`;
    context.textAlign = "left";
    context.fillText(fitted(context, model.label(node, lower), room), 6, y + 0.5);
  }
  context.textAlign = "left";
}

/** Labels of narrow nodes, the largest first, where no other label is. */
function besides(view) {
  const { narrow, labels, tree, lower, unfold, height } = view;
  const taken = labels.map(({ y }) => y);
  const found = [];
  for (const node of narrow.sort((a, b) => tree.bySize(a, b))) {
    const y = view.yOf(view.spread.middle[node]);
    if (y < LABEL / 2 || y > height - 24 - LABEL / 2 || taken.some((other) => Math.abs(other - y) < LABEL)) continue;
    taken.push(y);
    found.push({ node, folded: node < tree.n || (!unfold && lower.holds(node)), y });
  }
  return found;
}
