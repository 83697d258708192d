// Evaluates a chain of dense layers beside the page's own thread: a code in, grey levels of 0 to 255 out.

// The error function to 1.5e-7 (Abramowitz & Stegun 1964, formula 7.1.26).
function erf(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const sum = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - sum * Math.exp(-x * x));
}

// The constants of SELU: Klambauer et al. 2017, "Self-normalizing neural networks", section 2.
const [SCALE, ALPHA] = [1.0507009873554805, 1.6732632423543772];

const BENDS = {
  linear: (a) => a,
  relu: (a) => Math.max(a, 0),
  leaky_relu: (a) => (a > 0 ? a : 0.01 * a),
  elu: (a) => (a > 0 ? a : Math.expm1(a)),
  selu: (a) => SCALE * (a > 0 ? a : ALPHA * Math.expm1(a)),
  gelu: (a) => 0.5 * a * (1 + erf(a / Math.SQRT2)),
  tanh: Math.tanh,
  sigmoid: (a) => 1 / (1 + Math.exp(-a)),
};

// φ(W h + b) with W (out, in) row by row; four sums at a time keep the processor busy.
function layered({ weight, bias, bend }, h) {
  const [width, count] = [h.length, bias.length];
  const out = new Float32Array(count);
  const phi = BENDS[bend];
  const whole = width - (width % 4);
  for (let row = 0, at = 0; row < count; row++) {
    let [a, b, c, d] = [0, 0, 0, 0];
    let k = 0;
    for (; k < whole; k += 4, at += 4) {
      a += weight[at] * h[k];
      b += weight[at + 1] * h[k + 1];
      c += weight[at + 2] * h[k + 2];
      d += weight[at + 3] * h[k + 3];
    }
    for (; k < width; k++, at++) a += weight[at] * h[k];
    out[row] = phi(a + b + c + d + bias[row]);
  }
  return out;
}

let layers = [];

self.onmessage = ({ data }) => {
  if (data.layers) {
    layers = data.layers;
    return;
  }
  let h = data.z;
  for (const layer of layers) h = layered(layer, h);
  // A clamped array rounds as the server does, and cuts what lies outside.
  const pixels = Uint8ClampedArray.from(h, (value) => value * 255);
  self.postMessage({ pixels, moved: data.moved }, [pixels.buffer]);
};
