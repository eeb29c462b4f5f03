// How the leaves of the tree are spread over the picture: one beside the other, noise without width.

/** Places of rows in units of the picture; where `cut` is given, rows outside its clusters have none. */
export class Spread {
  constructor(tree, cut = null) {
    this.n = tree.n;
    this.sums = cut ? widths(tree.n, cut) : null;
    this.total = this.sums ? this.sums[tree.n] : tree.n;
    this.middle = this.sums ? this.middles(tree) : tree.middle;
  }

  /** Where a place begins. */
  at(place) {
    return this.sums ? this.sums[place] : place;
  }

  /** The place at a point; the first one that reaches beyond it. */
  place(point) {
    if (!this.sums) return Math.floor(point);
    if (point < 0 || point >= this.total) return -1;
    let low = 0;
    let high = this.n - 1;
    while (low < high) {
      const half = (low + high) >> 1;
      if (this.sums[half + 1] > point) high = half;
      else low = half + 1;
    }
    return low;
  }

  width(tree, node) {
    return this.at(tree.end[node]) - this.at(tree.start[node]);
  }

  middles(tree) {
    const found = new Float64Array(2 * tree.n - 1);
    for (let p = 0; p < tree.n; p++) found[p] = (this.sums[p] + this.sums[p + 1]) / 2;
    for (let i = 0; i < tree.n - 1; i++) {
      const sides = [tree.left[i], tree.right[i]].filter((node) => this.width(tree, node) > 0);
      const among = sides.length ? sides : [tree.left[i]];
      found[tree.n + i] = among.reduce((total, node) => total + found[node], 0) / among.length;
    }
    return found;
  }
}

function widths(n, cut) {
  const sums = new Int32Array(n + 1);
  for (let p = 0; p < n; p++) sums[p + 1] = sums[p] + Number(!cut.isNoise(cut.at(p)));
  return sums;
}
