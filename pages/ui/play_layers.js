// The layers of the playground's picture, each a function of a pen {context, x, y, width, height} and its arrays.

const PALE = 0.42; // opacity of the surface where D is certain
const FILLED = 0.1; // opacity of a cell of a manifold that is spread evenly over the whole picture
const DENSEST = 0.8;
const LONGEST_PUSH = 34; // pixels
const BEYOND = 0.4; // of the opacity of a point: what one outside the picture has
const SHARE_OF_BOX = 0.42; // of the box's width: how far the latent grid reaches from its middle

const rgb = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

// D's verdicts (g * g, 0 to 255, the bottom row first) as a tile: real's colour where it says real, generated's where
// it says generated, nothing where it cannot tell.
function surfaceTile(tile, verdicts, side, { real, generated }) {
  if (tile.width !== side) tile.width = tile.height = side;
  const image = new ImageData(side, side);
  const [high, low] = [rgb(real), rgb(generated)];
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const sure = verdicts[row * side + column] / 127.5 - 1;
      const at = 4 * ((side - 1 - row) * side + column);
      const colour = sure < 0 ? low : high;
      image.data[at] = colour[0];
      image.data[at + 1] = colour[1];
      image.data[at + 2] = colour[2];
      image.data[at + 3] = 255 * PALE * Math.abs(sure);
    }
  }
  tile.getContext("2d").putImageData(image, 0, 0);
}

// The tile over its box, whose outermost verdicts lie on the box's edge.
function drawSurface({ context, x, y }, tile, [left, right, bottom, top]) {
  const [halfX, halfY] = [(right - left) / (tile.width - 1) / 2, (top - bottom) / (tile.width - 1) / 2];
  const [x0, y0] = [x(left - halfX), y(top + halfY)];
  context.imageSmoothingEnabled = true;
  context.drawImage(tile, x0, y0, x(right + halfX) - x0, y(bottom - halfY) - y0);
}

// Places z (n, 1 or 2) of the latent space as places of the picture, and the way from there to `at` (n, 2) in data
// space: 0 is the latent space, 1 the data space. Writes into `out` (2n).
function morphed(z, at, share, lens, out) {
  const [n, d] = z.shape;
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < 2; k++) {
      const from = lens.middle[k] + (k < d ? z.data[i * d + k] * lens.scale : 0);
      out[2 * i + k] = share >= 1 ? at[2 * i + k] : from + share * (at[2 * i + k] - from);
    }
  }
  return out;
}

// How the latent grid is laid into a box: around its middle, the farthest place of the grid near its edge.
function lensOf(grid, box) {
  const reach = grid.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
  const half = SHARE_OF_BOX * Math.min(box[1] - box[0], box[3] - box[2]);
  return { middle: [(box[0] + box[1]) / 2, (box[2] + box[3]) / 2], scale: half / reach };
}

const triangle = (ax, ay, bx, by, cx, cy) => Math.abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2;

// A warped grid (side * side places): each cell holds as much of the prior as any other, so its density is one over
// its area, and that is its opacity. The cells of a folded grid lie over each other, as their densities add.
function drawManifold({ context, x, y, width, height }, places, side, colour) {
  const px = new Float32Array(side * side);
  const py = new Float32Array(side * side);
  for (let i = 0; i < px.length; i++) {
    px[i] = x(places[2 * i]);
    py[i] = y(places[2 * i + 1]);
  }
  const even = (width * height) / (side - 1) ** 2;
  context.fillStyle = context.strokeStyle = colour;
  for (let row = 0; row + 1 < side; row++) {
    for (let column = 0; column + 1 < side; column++) {
      const [a, b, c, d] = [row * side + column, row * side + column + 1, (row + 1) * side + column + 1, (row + 1) * side + column];
      const area = triangle(px[a], py[a], px[b], py[b], px[c], py[c]) + triangle(px[a], py[a], px[c], py[c], px[d], py[d]);
      if (!(area > 0.4)) continue; // less than half a pixel, or not a number
      context.globalAlpha = Math.min(DENSEST, (FILLED * even) / area);
      context.beginPath();
      context.moveTo(px[a], py[a]);
      context.lineTo(px[b], py[b]);
      context.lineTo(px[c], py[c]);
      context.lineTo(px[d], py[d]);
      context.fill();
    }
  }
  context.globalAlpha = 0.4;
  context.lineWidth = 0.7;
  context.beginPath();
  for (let i = 0; i < side; i++) {
    for (let k = 0; k < side; k++) context[k ? "lineTo" : "moveTo"](px[i * side + k], py[i * side + k]);
    for (let k = 0; k < side; k++) context[k ? "lineTo" : "moveTo"](px[k * side + i], py[k * side + i]);
  }
  context.stroke();
  context.globalAlpha = 1;
}

// The same for a latent space of one number: a curve (n places), its density one over the length of its pieces.
function drawThread({ context, x, y, width }, places, n, colour) {
  context.strokeStyle = colour;
  context.lineCap = "round";
  context.lineWidth = 3;
  for (let i = 0; i + 1 < n; i++) {
    const [x0, y0, x1, y1] = [x(places[2 * i]), y(places[2 * i + 1]), x(places[2 * i + 2]), y(places[2 * i + 3])];
    const length = Math.hypot(x1 - x0, y1 - y0);
    context.globalAlpha = Math.min(1, Math.max(0.15, (0.25 * width) / n / Math.max(length, 0.5)));
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
    context.stroke();
  }
  context.globalAlpha = 1;
}

// Where D's judgement sends each point: arrows that grow with the gradient up to a longest one. The
// scale never changes, so that a gradient that vanishes is seen to vanish. `unit` is half the box's width.
function drawPush({ context, x, y }, places, push, unit, colour) {
  context.strokeStyle = colour;
  context.lineWidth = 1.3;
  context.globalAlpha = 0.75;
  context.beginPath();
  const n = Math.min(push.shape[0], places.length / 2);
  for (let i = 0; i < n; i++) {
    const [gx, gy] = [push.data[2 * i], push.data[2 * i + 1]];
    const size = Math.hypot(gx, gy) * unit;
    const length = (LONGEST_PUSH * size) / (size + 2);
    if (!(length > 1.2)) continue;
    const [dx, dy] = [(gx * unit * length) / size, (-gy * unit * length) / size];
    const [fx, fy] = [x(places[2 * i]), y(places[2 * i + 1])];
    const head = Math.min(5, 0.4 * length) / length;
    context.moveTo(fx, fy);
    context.lineTo(fx + dx, fy + dy);
    for (const side of [-1, 1]) {
      context.moveTo(fx + dx, fy + dy);
      context.lineTo(fx + dx - head * (dx + side * 0.55 * dy), fy + dy - head * (dy - side * 0.55 * dx));
    }
  }
  context.stroke();
  context.globalAlpha = 1;
}

// The mean length of the gradients, in units of G's loss, whichever it is, per data unit.
function meanPush({ data, shape: [n] }) {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.hypot(data[2 * i], data[2 * i + 1]);
  return sum / n;
}

const DOTS = new Map(); // a disc by its colour and size, drawn once: stamping it is several times quicker than an arc
function dot(colour, radius, scale) {
  const name = `${colour} ${radius} ${scale}`;
  if (!DOTS.has(name)) {
    const stamp = document.createElement("canvas");
    stamp.width = stamp.height = Math.ceil(2 * (radius + 1) * scale);
    const context = stamp.getContext("2d");
    context.fillStyle = colour;
    context.beginPath();
    context.arc(stamp.width / 2, stamp.width / 2, radius * scale, 0, 7);
    context.fill();
    DOTS.set(name, stamp);
  }
  return DOTS.get(name);
}

// Points (n, 2) as discs. What lies outside the picture is shown, paler, at its edge.
function drawDots({ context, x, y, scale, width, height }, places, n, colour, radius, alpha) {
  const stamp = dot(colour, radius, scale);
  const side = stamp.width / scale;
  for (let i = 0; i < n; i++) {
    const [px, py] = [x(places[2 * i]), y(places[2 * i + 1])];
    if (px !== px || py !== py) continue;
    const [inX, inY] = [Math.min(width - radius, Math.max(radius, px)), Math.min(height - radius, Math.max(radius, py))];
    const outside = Math.abs(inX - px) + Math.abs(inY - py) > 2 * radius;
    context.globalAlpha = outside ? alpha * BEYOND : alpha;
    context.drawImage(stamp, (outside ? inX : px) - side / 2, (outside ? inY : py) - side / 2, side, side);
  }
  context.globalAlpha = 1;
}

// A ring around a mode: where most of the samples are at this moment.
function drawLeader({ context, x, y }, centre, colour) {
  context.strokeStyle = colour;
  context.lineWidth = 2.5;
  context.beginPath();
  context.arc(x(centre[0]), y(centre[1]), 16, 0, 7);
  context.stroke();
}
