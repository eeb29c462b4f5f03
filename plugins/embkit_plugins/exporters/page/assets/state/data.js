// The block of data that Python wrote: gzip of a JSON document and the arrays it refers to.

const KINDS = {
  u1: Uint8Array, u2: Uint16Array, i2: Int16Array, u4: Uint32Array,
  i4: Int32Array, f4: Float32Array, f8: Float64Array,
};

/** Decode a block: the document, and its arrays by number. */
export async function unpack(text) {
  const packed = bytesOf(text);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const buffer = await new Response(stream).arrayBuffer();
  const length = new DataView(buffer).getUint32(0, true);
  const document = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const arrays = [];
  let place = aligned(4 + length);
  for (const [kind, size] of document.arrays) {
    const length = size * KINDS[kind].BYTES_PER_ELEMENT;
    arrays.push(interleaved(new Uint8Array(buffer, place, length), KINDS[kind]));
    place = aligned(place + length);
  }
  document.words = document.words === undefined ? [] : strings(arrays[document.words], 1);
  return { document, arrays };
}

/** Names as [title, terms, places]: the words of terms and titles are listed once in the document. */
export function readNames({ titles, counts, terms, speakers }, words, arrays, placeOf = (speaker) => speaker) {
  let next = 0;
  return Array.from(arrays[counts], (count, i) => {
    const found = Array.from(arrays[terms].subarray(next, (next += count)), (word) => words[word]);
    const title = arrays[titles][i];
    const speaker = arrays[speakers][i];
    return [title > 1 ? words[title - 2] : title ? "" : found[0], found, speaker < 0 ? [] : [placeOf(speaker, i)]];
  });
}

/** Numbers from the differences between one and the next, 0, -1, 1, -2 being 0, 1, 2, 3. */
export function accumulated(differences) {
  let value = 0;
  return differences.map((d) => (value += d & 1 ? -((d + 1) >> 1) : d >> 1));
}

/** The strings of an array of UTF-8 in which each but the last is followed by NUL. */
export function strings(bytes, count) {
  if (!count) return [];
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes).split("\0");
}

/** The numbers of which all first bytes are given, then all second ones, and so on. */
function interleaved(planes, Kind) {
  const width = Kind.BYTES_PER_ELEMENT;
  if (width === 1) return planes;
  const size = planes.length / width;
  const bytes = new Uint8Array(planes.length);
  for (let byte = 0; byte < width; byte++) {
    for (let i = 0; i < size; i++) bytes[i * width + byte] = planes[byte * size + i];
  }
  return new Kind(bytes.buffer);
}

/** Bytes from base 85: their number, a comma, and five characters for every four bytes. */
function bytesOf(text) {
  const digits = new Uint8Array(128);
  let digit = 0;
  for (let code = 33; digit < 85; code++) if (!"\"&'<>\\`/".includes(String.fromCharCode(code))) digits[code] = digit++;
  const comma = text.indexOf(",");
  const length = Number(text.slice(0, comma));
  const view = new DataView(new ArrayBuffer(((length + 3) >> 2) * 4));
  for (let place = comma + 1, at = 0; place < text.length; place += 5, at += 4) {
    let word = 0;
    for (let i = 0; i < 5; i++) word = word * 85 + digits[text.charCodeAt(place + i)];
    view.setUint32(at, word);
  }
  return new Uint8Array(view.buffer, 0, length);
}

function aligned(place) {
  return (place + 7) & ~7;
}
