// The axis of heights below the dendrogram.

import { fitted, ticks } from "./canvas.js";

/** Draw the axis below the tree, the band between the lines, and the lines, which are on paper nowhere else. */
export function drawAxis(context, tree) {
  const bottom = tree.height - 24;
  const { x0, x1 } = tree.view;
  const left = tree.labelWidth + 8;
  context.fillStyle = tree.colours.band;
  const [from, to] = [tree.x(tree.state.from), tree.x(tree.state.to)].map((x) => Math.max(x, left));
  if (tree.model.hasLines) {
    context.fillRect(from, 0, Math.max(to - from, 0), bottom);
    for (const [x, colour] of [[from, tree.colours.second], [to, tree.colours.accent]]) {
      context.fillStyle = colour;
      context.fillRect(x - 0.5, 0, 1, bottom);
    }
  }
  context.fillStyle = tree.colours.rule;
  context.fillRect(left, bottom, tree.width - left, 1);
  context.font = `11px ${tree.colours.font}`;
  context.textBaseline = "top";
  context.textAlign = "center";
  for (const tick of ticks(x0, x1, (tree.width - left) / 70)) {
    context.fillStyle = tree.colours.rule;
    context.fillRect(tree.x(tick), 0, 1, bottom + 4);
    context.fillStyle = tree.colours.muted;
    context.fillText(String(tick), tree.x(tick), bottom + 7);
  }
  context.textAlign = "left";
  context.fillText(fitted(context, title(tree.tree), tree.labelWidth - 10), 6, bottom + 7);
}

function title(tree) {
  if (!tree.monotone) return "number of merges (inversions)";
  if (tree.method === "ward") return `Ward height (${tree.metric})`;
  if (["centroid", "median"].includes(tree.method)) return `distance of ${tree.method}s (${tree.metric})`;
  return tree.metric === "cosine" ? "cosine distance, 0 to 2" : `${tree.metric} distance`;
}
