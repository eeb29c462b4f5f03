// Colours: of clusters, stable under a moving threshold, and of columns.

const PALE_FROM = 20; // the palette's first colours are strong, the rest pale

export class ChainColours {
  /**
   * Give each node a colour that the larger child of a merge inherits. The
   * clusters after `merged` merges get the palette's colours in the order of
   * their numbers, as in embkit's pictures.
   */
  constructor(tree, palette, merged) {
    this.tree = tree;
    this.palette = palette;
    const nodes = 2 * tree.n - 1;
    this.chain = new Int32Array(nodes);
    const tops = [tree.root];
    for (let node = nodes - 1; node >= tree.n; node--) {
      const larger = tree.larger(node);
      const smaller = tree.left[node - tree.n] === larger ? tree.right[node - tree.n] : tree.left[node - tree.n];
      this.chain[larger] = this.chain[node];
      this.chain[smaller] = tops.length;
      tops.push(smaller);
    }
    this.rank = new Int32Array(tops.length).fill(-1);
    const numbered = [...tree.clusters(merged)].sort((a, b) => tree.bySize(a, b));
    numbered.forEach((node, number) => (this.rank[this.chain[node]] = number));
    const rest = new Float64Array(tops.length - numbered.length);
    let k = 0;
    tops.forEach((top, chain) => {
      if (this.rank[chain] < 0) rest[k++] = -tree.size(top) * 4194304 + chain;
    });
    rest.sort();
    rest.forEach((key, i) => (this.rank[((key % 4194304) + 4194304) % 4194304] = numbered.length + i));
  }

  of(node) {
    return paletteColour(this.palette, this.rank[this.chain[node]]);
  }
}

export function paletteColour(palette, number) {
  const pale = palette.length - PALE_FROM;
  return palette[number < palette.length ? number : PALE_FROM + ((number - PALE_FROM) % pale)];
}

/** The palette of a document as numbers, which `suitPalette` fits to the ground they are on. */
export function readPalette(document) {
  return document.palette.map((hex) => parseInt(hex.slice(1), 16));
}

/** On a dark ground lift the colours that would be lost on it; the array itself is changed. */
export function suitPalette(palette, document, dark) {
  readPalette(document).forEach((rgb, i) => (palette[i] = dark ? lifted(rgb) : rgb));
}

function lifted(rgb) {
  let colour = rgb;
  for (let share = 0.1; luminance(colour) < 0.14 && share < 0.9; share += 0.1) colour = mix(rgb, 0xffffff, share);
  return colour;
}

/** Relative luminance, 0 to 1 (WCAG 2). */
function luminance(rgb) {
  const linear = [16, 8, 0].map((shift) => ((((rgb >> shift) & 255) / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

export function css(rgb) {
  return `#${rgb.toString(16).padStart(6, "0")}`;
}

// Viridis at eleven points (van der Walt and Smith 2015): even steps, read by the colour-blind.
const VIRIDIS = [
  0x440154, 0x482475, 0x414487, 0x355f8d, 0x2a788e, 0x21918c, 0x22a884, 0x44bf70, 0x7ad151, 0xbddf26,
  0xfde725,
];

/** The colour of a share from 0 to 1. */
export function sequential(share) {
  const place = Math.min(Math.max(share, 0), 1) * (VIRIDIS.length - 1);
  const low = Math.min(Math.floor(place), VIRIDIS.length - 2);
  return mix(VIRIDIS[low], VIRIDIS[low + 1], place - low);
}

export function mix(a, b, share) {
  let mixed = 0;
  for (const shift of [16, 8, 0]) {
    const from = (a >> shift) & 255;
    mixed |= Math.round(from + (((b >> shift) & 255) - from) * share) << shift;
  }
  return mixed;
}

/**
 * How to colour the map by a column: a colour for each place, and a legend of
 * entries [colour, text] or of a range [low, high].
 */
export function columnColours(column, palette, missing) {
  if (column.numbers) return numberColours(column.numbers, missing);
  const counts = new Map();
  for (const code of column.codes) counts.set(code, (counts.get(code) || 0) + 1);
  const order = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a) || a - b);
  const colourOf = new Map(order.map((code, i) => [code, column.levels[code] === "" ? missing : paletteColour(palette, i)]));
  return {
    colours: Int32Array.from(column.codes, (code) => colourOf.get(code)),
    entries: order.map((code) => ({ colour: colourOf.get(code), text: column.levels[code] || "(empty)", code })),
  };
}

export function numberColours(numbers, missing) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of numbers) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const range = high - low || 1;
  return {
    colours: Int32Array.from(numbers, (value) => (Number.isNaN(value) ? missing : sequential((value - low) / range))),
    range: [low, high],
  };
}
