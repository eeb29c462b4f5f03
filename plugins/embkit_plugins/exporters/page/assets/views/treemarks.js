// What lies over the dendrogram and changes without it: what is selected, found, and under the pointer.

/** Mark the rows selected and found beside the leaves, and the branch under the pointer. */
export function drawMarks(context, view) {
  const { state, tree, colours, hovered } = view;
  const bottom = view.height - 25;
  const strip = (sums, x, colour) => {
    context.fillStyle = colour;
    for (let y = 0; y < bottom; y++) {
      const first = Math.max(view.placeAt(y), 0);
      const beyond = view.placeAt(y + 1);
      const last = Math.min(Math.max(beyond < 0 ? tree.n : beyond, first + 1), tree.n);
      if (first < last && sums[last] > sums[first]) context.fillRect(x, y, 4, 1);
    }
  };
  if (state.selected) strip(state.selected.sums, view.labelWidth + 1, colours.accent);
  if (state.query) strip(state.hitSums, 0, colours.second);
  if (!hovered) return;
  const [start, end] = hovered;
  const top = Math.max(view.y(start), 0);
  const height = Math.max(Math.min(view.y(end), bottom) - top, 1.5);
  context.fillStyle = colours.accent;
  context.globalAlpha = 0.14;
  context.fillRect(0, top, view.width, height);
  context.globalAlpha = 1;
  context.fillRect(0, top, 2, height);
}
