// The block of data that Python wrote: gzip of a JSON document and the arrays it refers to.

const KINDS = {
  u1: Uint8Array, u2: Uint16Array, i2: Int16Array, u4: Uint32Array,
  i4: Int32Array, f4: Float32Array, f8: Float64Array,
};

/** Decode a block: the document, and its arrays by number. */
export async function unpack(base64) {
  const packed = bytesOf(base64);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const buffer = await new Response(stream).arrayBuffer();
  const length = new DataView(buffer).getUint32(0, true);
  const document = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const arrays = [];
  let place = aligned(4 + length);
  for (const [kind, size] of document.arrays) {
    const array = new KINDS[kind](buffer, place, size);
    arrays.push(array);
    place = aligned(place + array.byteLength);
  }
  return { document, arrays };
}

/** The strings of an array of UTF-8 in which each but the last is followed by NUL. */
export function strings(bytes, count) {
  if (!count) return [];
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes).split("\0");
}

function bytesOf(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function aligned(place) {
  return (place + 7) & ~7;
}
