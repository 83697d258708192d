// Panels on what is inside the network: the weights of its units as images, and how active its code is.

// Bytes that mean signed numbers (128 is zero) as colours: blue, paper, orange. Made once for each array.
const coloured = new WeakMap();
function signedImages(images, { real, paper, generated }) {
  if (images.shape[1] === 3) return images;
  if (coloured.has(images)) return coloured.get(images);
  const [low, zero, high] = [real, paper, generated].map((colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)));
  const table = [0, 1, 2].map((c) => Uint8Array.from({ length: 256 }, (_, byte) => {
    const share = Math.max(-1, Math.min(1, (byte - 128) / 127));
    const end = share < 0 ? low[c] : high[c];
    return Math.round(zero[c] + (end - zero[c]) * Math.abs(share));
  }));
  const [n, , h, w] = images.shape;
  const data = new Uint8Array(n * 3 * h * w);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < 3; c++) {
      for (let k = 0; k < h * w; k++) data[(i * 3 + c) * h * w + k] = table[c][images.data[i * h * w + k]];
    }
  }
  const out = { data, shape: [n, 3, h, w] };
  coloured.set(images, out);
  return out;
}

// Near-square sheets: eight in a row from 50 units on.
function weightPanel(array, title) {
  return {
    name: "Weights",
    aside: true,
    applies: (frame) => areImages(frame[array]),
    title: (frame) => {
      const n = frame[array].shape[0];
      return `${title}, ${n === 1 ? "one unit" : `${n} units`}`;
    },
    legend: (view, frame) => (frame[array].shape[1] === 3 ? [] : [["negative", view.colours.real], ["zero", view.colours.paper], ["positive", view.colours.generated]]),
    draw: (view, canvas, frame) => {
      const images = frame[array];
      const columns = Math.min(8, Math.max(2, Math.ceil(Math.sqrt(images.shape[0]))));
      drawImages(canvas, gridRows(signedImages(images, view.colours), columns, 64));
    },
  };
}

const ZERO = 0.01; // of the largest size: what is nearer to zero than this counts as silent

// Of codes (n, d): a histogram of all values, the mean size of each unit, and the share of silent values.
function activity({ data, shape: [n, d] }, bins) {
  let [low, high] = [0, 0];
  for (const value of data) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const largest = Math.max(-low, high) || 1;
  const width = (high - low || 1) / bins;
  const counts = new Array(bins).fill(0);
  const sizes = new Array(d).fill(0);
  let silent = 0;
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (!Number.isFinite(value)) continue;
    counts[Math.min(bins - 1, Math.floor((value - low) / width))]++;
    sizes[i % d] += Math.abs(value) / n;
    if (Math.abs(value) < ZERO * largest) silent++;
  }
  return { low, high: low + bins * width, counts, sizes, silent: silent / data.length };
}

// Bars from `from` to `to` along x, standing on zero, in the given part of the surface, with their axes named.
function drawBars({ context, width }, { values, from, to, top, height, colour, across, up }, theme) {
  const [left, foot] = [52, top + height - 38];
  const most = Math.max(...values) || 1;
  const span = (width - left - 8) / values.length;
  const tall = height - 38 - 22;
  context.font = `12px ${theme.font}`;
  context.fillStyle = colour;
  values.forEach((value, k) => {
    const h = (value / most) * tall;
    context.fillRect(left + k * span, foot - h, Math.max(span - (span > 4 ? 1 : 0), 0.5), h);
  });
  context.strokeStyle = theme.border;
  context.fillStyle = theme.text;
  context.globalAlpha = 0.85;
  context.textAlign = "right";
  for (const t of ticks(0, most, 3)) {
    const y = foot - (t / most) * tall;
    context.beginPath();
    context.moveTo(left, y);
    context.lineTo(width - 8, y);
    context.stroke();
    context.fillText(t >= 1000 ? `${t / 1000}k` : String(t), left - 5, y + 4);
  }
  context.textAlign = "center";
  for (const t of ticks(from, to, 6)) {
    const x = left + ((t - from) / (to - from)) * (width - left - 8);
    if (x < width - 14) context.fillText(String(t), x, foot + 15);
  }
  context.fillText(across, left + (width - left - 8) / 2, foot + 32);
  context.textAlign = "left";
  context.fillText(up, 4, top + 12);
  context.globalAlpha = 1;
}

PANELS.push(
  weightPanel("filters_input", "What each unit looks for"),
  weightPanel("filters_output", "What each unit draws"),
  {
    name: "Activity",
    big: true,
    applies: (frame) => arePoints(frame.codes) && frame.codes.shape[1] > 2,
    title: (frame) => {
      const { silent } = activity(frame.codes, 1);
      return `Activity: ${Math.round(100 * silent)} % of values near 0`;
    },
    draw: (view, canvas, frame, alone) => {
      const area = surface(canvas, alone ? 0.7 : 1);
      if (!area) return;
      const { low, high, counts, sizes } = activity(frame.codes, 48);
      const half = area.height / 2;
      const theme = view.theme();
      drawBars(area, { values: counts, from: low, to: high, top: 0, height: half, colour: view.colours.encoder, across: "value of a unit", up: "how often" }, theme);
      drawBars(area, { values: sizes, from: 0.5, to: sizes.length + 0.5, top: half, height: half, colour: view.colours.encoder, across: "unit", up: "mean size" }, theme);
    },
  },
);
