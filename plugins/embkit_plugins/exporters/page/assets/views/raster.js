// Points drawn into pixels by hand: as fast without a graphics card as with one.

const masks = new Map();

/** How much of each pixel a disc covers, as offsets and shares. */
function discMask(radius) {
  const key = Math.round(radius * 8);
  if (masks.has(key)) return masks.get(key);
  const reach = Math.ceil(radius + 0.5);
  const mask = [];
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      const cover = Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(x, y)));
      if (cover > 0.04) mask.push({ x, y, cover });
    }
  }
  masks.set(key, mask);
  return mask;
}

/** An image on which discs are laid one over the other. */
export class Raster {
  constructor(width, height) {
    this.image = new ImageData(width, height);
    this.width = width;
    this.height = height;
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  clear(rgb) {
    this.pixels.fill(swapped(rgb));
  }

  /** Lay a disc over each point of an order, in its colour; only those where `mask` is `value`. */
  discs(xs, ys, colours, order, radius, opacity, mask = null, value = 1) {
    const disc = discMask(radius);
    const { width, height, pixels } = this;
    const offsets = disc.map(({ x, y }) => y * width + x);
    const shares = disc.map(({ cover }) => Math.round(cover * opacity * 256));
    const reach = Math.ceil(radius + 0.5);
    const length = offsets.length;
    for (let k = 0; k < order.length; k++) {
      const i = order[k];
      if (mask && mask[i] !== value) continue;
      const x = Math.round(xs[i]);
      const y = Math.round(ys[i]);
      if (x < reach || y < reach || x >= width - reach || y >= height - reach) continue;
      const rgb = colours[i];
      const red = (rgb >> 16) & 255;
      const green = (rgb >> 8) & 255;
      const blue = rgb & 255;
      const centre = y * width + x;
      for (let j = 0; j < length; j++) {
        const place = centre + offsets[j];
        const share = shares[j];
        const below = pixels[place];
        const keep = 256 - share;
        pixels[place] = 0xff000000
          | (((below & 255) * keep + red * share) >> 8)
          | ((((below >> 8) & 255) * keep + green * share) >> 8) << 8
          | ((((below >> 16) & 255) * keep + blue * share) >> 8) << 16;
      }
    }
  }
}

/** The numbers below n in an order that is random and always the same. */
export function shuffled(n) {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  let seed = 0x9e3779b9;
  for (let i = n - 1; i > 0; i--) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const j = Math.floor((seed / 4294967296) * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

function swapped(rgb) {
  return (0xff000000 | ((rgb & 255) << 16) | (rgb & 0xff00) | ((rgb >> 16) & 255)) >>> 0;
}
