// Reads the format of core/arrays.py (the safetensors layout): {arrays: {name: {data, shape}}, meta}.

const HALVES = new Float32Array(65536);
for (let i = 0; i < 65536; i++) {
  const sign = i & 0x8000 ? -1 : 1;
  const exponent = (i >> 10) & 31;
  const fraction = i & 1023;
  if (exponent === 0) HALVES[i] = sign * fraction * 2 ** -24;
  else if (exponent === 31) HALVES[i] = fraction ? NaN : sign * Infinity;
  else HALVES[i] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const READERS = {
  U8: (b) => new Uint8Array(b),
  BOOL: (b) => new Uint8Array(b),
  I16: (b) => new Int16Array(b),
  F32: (b) => new Float32Array(b),
  F64: (b) => Float32Array.from(new Float64Array(b)),
  I32: (b) => new Int32Array(b),
  I64: (b) => Int32Array.from(new BigInt64Array(b), Number),
  F16: (b) => halves(new Uint16Array(b)),
};

// A plain loop: `from` with a function takes thirty times as long, and films of maps have millions of numbers.
function halves(bits) {
  const out = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = HALVES[bits[i]];
  return out;
}

function unpack(buffer) {
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const arrays = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const { dtype, shape, data_offsets: [start, end] } = entry;
    // Data need not be aligned to their type, so they are copied out.
    arrays[name] = { shape, data: READERS[dtype](buffer.slice(8 + length + start, 8 + length + end)) };
  }
  return { arrays, meta: JSON.parse(header.__metadata__?.meta ?? "{}") };
}
