// Sets of places: what is selected, and what the search found.

/** A set of places. */
export class Selection {
  constructor(n, places) {
    this.n = n;
    this.mask = new Uint8Array(n);
    for (const place of places) this.mask[place] = 1;
    this.sums = sums(this.mask);
    this.count = this.sums[n];
  }

  static range(n, start, end) {
    return new Selection(n, Array.from({ length: end - start }, (_, i) => start + i));
  }

  get places() {
    const found = new Int32Array(this.count);
    let k = 0;
    for (let p = 0; p < this.n; p++) if (this.mask[p]) found[k++] = p;
    return found;
  }

  /** This selection with another added, or taken away where it is wholly inside. */
  toggled(other) {
    const inside = other.places.every((place) => this.mask[place]);
    const mask = this.mask.slice();
    for (const place of other.places) mask[place] = inside ? 0 : 1;
    const places = [];
    mask.forEach((on, place) => on && places.push(place));
    return places.length ? new Selection(this.n, places) : null;
  }

  within(start, end) {
    return this.sums[end] - this.sums[start];
  }
}

export function sums(mask) {
  const total = new Int32Array(mask.length + 1);
  for (let p = 0; p < mask.length; p++) total[p + 1] = total[p] + mask[p];
  return total;
}

/** Selections as ranges in base 36, each from where the last one ended: for the address. */
export function selectionCodec(count, longest = 4000) {
  return {
    write(selection) {
      if (!selection) return "";
      const parts = [];
      let last = 0;
      const n = count();
      for (let p = 0; p < n; p++) {
        if (!selection.mask[p]) continue;
        let end = p;
        while (end < n && selection.mask[end]) end++;
        parts.push(`${(p - last).toString(36)}-${(end - p).toString(36)}`);
        last = p = end;
      }
      const text = parts.join(".");
      return text.length <= longest ? text : "";
    },
    read(text) {
      const n = count();
      const places = [];
      let last = 0;
      for (const part of text.split(".")) {
        const [gap, length] = part.split("-").map((digits) => parseInt(digits, 36));
        if (!(gap >= 0 && length > 0 && last + gap + length <= n)) return null;
        for (let p = last + gap; p < last + gap + length; p++) places.push(p);
        last += gap + length;
      }
      return places.length ? new Selection(n, places) : null;
    },
  };
}
