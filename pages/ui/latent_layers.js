// What lies on a latent square: grid, prior, voids, codes with their spread, and the place that one holds.

const DOT = 3.2; // radius of a code, in pixels
const MASSES = [0.5, 0.9, 0.99]; // of the prior's draws, within each contour
const LINE_MASSES = [0.674, 1.645, 2.576]; // the deviations that hold as much of a Gaussian in one dimension
const BAND = 0.35; // how far the dots of a code of one number are scattered within their class's band

// Where each code is drawn, (n, 2) flat; a code of one number is spread over bands, one a class.
function dotsOf(plane) {
  const { data, shape: [n, k] } = plane.at;
  const dots = new Float32Array(2 * n);
  const bands = Math.max(plane.classes.length, 1);
  for (let i = 0; i < n; i++) {
    dots[2 * i] = data[i * k];
    const scattered = ((i * 0.618034) % 1) * 2 - 1; // evenly, and the same every time
    dots[2 * i + 1] = k > 1 ? data[i * k + 1] : (Math.max(plane.y.data[i], 0) + 0.5 + BAND * scattered) / bands;
  }
  return dots;
}

function drawVoids({ context, width, height }, { data, shape: [m] }, theme) {
  const small = new OffscreenCanvas(m, m);
  const image = new ImageData(m, m);
  const grey = theme.dark ? 255 : 0;
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < m; column++) {
      const to = 4 * ((m - 1 - row) * m + column);
      image.data.fill(grey, to, to + 3);
      image.data[to + 3] = data[row * m + column] ? 38 : 0;
    }
  }
  small.getContext("2d").putImageData(image, 0, 0);
  context.imageSmoothingEnabled = true;
  context.drawImage(small, 0, 0, width, height);
}

function drawPrior({ context, width, height }, { x, y }, plane, theme) {
  const line = plane.directions.shape[0] === 1;
  const [cx, cy] = plane.centre.data;
  context.save();
  context.strokeStyle = context.fillStyle = theme.text;
  context.font = `12px ${theme.font}`;
  context.textAlign = "center";
  context.setLineDash([5, 4]);
  MASSES.forEach((mass, k) => {
    const reach = plane.prior * (line ? LINE_MASSES[k] : Math.sqrt(-2 * Math.log(1 - mass)));
    context.globalAlpha = 0.7;
    context.beginPath();
    if (line) {
      for (const side of [cx - reach, cx + reach]) { context.moveTo(x(side), 0); context.lineTo(x(side), height); }
    } else {
      context.ellipse(x(cx), y(cy), x(cx + reach) - x(cx), y(cy) - y(cy + reach), 0, 0, 2 * Math.PI);
    }
    context.stroke();
    context.globalAlpha = 0.9;
    const [tx, ty] = line ? [x(cx + reach) + 16, 14 + 14 * k] : [x(cx), y(cy + reach) - 4];
    if (tx < width && ty > 8) context.fillText(`${100 * mass} %`, tx, ty);
  });
  context.restore();
}

// One deviation of q(z|x) around each code, from its variances and covariance on the square.
function drawSpreads(context, { x, y }, dots, spread, colourOf) {
  context.save();
  const [across, up] = [x(1) - x(0), y(0) - y(1)];
  // Fainter where they are many and large, so that what lies below still shows.
  let covered = 0;
  for (let i = 0; i < spread.length; i += 3) covered += Math.PI * Math.sqrt(spread[i] * spread[i + 2]) * across * up;
  context.globalAlpha = Math.min(0.13, (0.3 * context.canvas.clientWidth * context.canvas.clientHeight) / covered);
  for (let i = 0; i < dots.length / 2; i++) {
    const [xx, xy, yy] = [0, 1, 2].map((k) => spread[3 * i + k] * [across * across, -across * up, up * up][k]);
    // The axes of the ellipse are the eigenvectors of the covariance, here in pixels (y grows downwards).
    const middle = (xx + yy) / 2;
    const off = Math.hypot((xx - yy) / 2, xy);
    const [long, short] = [middle + off, middle - off].map((v) => Math.max(Math.sqrt(Math.max(v, 0)), 2));
    context.fillStyle = colourOf(i);
    context.beginPath();
    context.ellipse(x(dots[2 * i]), y(dots[2 * i + 1]), long, short, 0.5 * Math.atan2(2 * xy, xx - yy), 0, 2 * Math.PI);
    context.fill();
  }
  context.restore();
}

function drawDots(context, { x, y }, dots, colourOf) {
  context.save();
  context.globalAlpha = 0.8;
  for (let i = 0; i < dots.length / 2; i++) {
    context.fillStyle = colourOf(i);
    context.beginPath();
    context.arc(x(dots[2 * i]), y(dots[2 * i + 1]), DOT, 0, 2 * Math.PI);
    context.fill();
  }
  context.restore();
}

// A ring around each code that is selected, on a map or in another tab.
function drawLit(context, { x, y }, dots, lit, theme) {
  for (const [colour, wide] of [[theme.paper, 3.5], [theme.text, 1.5]]) {
    Object.assign(context, { strokeStyle: colour, lineWidth: wide });
    context.beginPath();
    for (const i of lit) {
      context.moveTo(x(dots[2 * i]) + DOT + 2, y(dots[2 * i + 1]));
      context.arc(x(dots[2 * i]), y(dots[2 * i + 1]), DOT + 2, 0, 2 * Math.PI);
    }
    context.stroke();
  }
}

// The names of the axes, with a halo so that dots do not hide them.
function drawNames({ context, width, height }, names, theme) {
  context.save();
  context.font = `600 13px ${theme.font}`;
  context.lineWidth = 4;
  context.lineJoin = "round";
  context.strokeStyle = theme.paper;
  context.fillStyle = theme.text;
  const write = (text, ...at) => { context.strokeText(text, ...at); context.fillText(text, ...at); };
  context.textAlign = "right";
  write(`${names[0]} →`, width - 8, height - 20);
  if (names[1]) {
    context.translate(42, 8); // beside the numbers of the axis
    context.rotate(-Math.PI / 2);
    write(`${names[1]} →`, 0, 0);
  }
  context.restore();
}

// Everything that stays while the hand moves: drawn once. `lit` are the codes that are selected elsewhere.
function drawGround(canvas, plane, box, shown, theme, colours, lit) {
  const line = plane.directions.shape[0] === 1;
  const area = surface(canvas, line ? 0.4 : 1);
  if (!area) return;
  const colourOf = (i) => (plane.y.data[i] < 0 ? colours[0] : colours[plane.y.data[i] % colours.length]);
  if (shown.voids && plane.voids) drawVoids(area, plane.voids, theme);
  const places = drawAxes(area, box, theme, { up: !line });
  const dots = plane.dots;
  if (shown.spread && plane.spread) drawSpreads(area.context, places, dots, plane.spread.data, colourOf);
  if (shown.dots) drawDots(area.context, places, dots, colourOf);
  if (shown.dots) drawLit(area.context, places, dots, lit, theme);
  if (shown.prior && plane.prior) drawPrior(area, places, plane, theme);
  drawNames(area, plane.names, theme);
}

// What moves: the held place, the chosen dot, the images that a plane is to go through, an image of one's own.
function drawMarks(canvas, box, line, theme, { point, chosen, picks, own }) {
  const area = surface(canvas, line ? 0.4 : 1);
  if (!area) return;
  const { context, width, height } = area;
  const x = (v) => ((v - box[0]) / (box[1] - box[0])) * width;
  const y = (v) => height - ((v - box[2]) / (box[3] - box[2])) * height;
  const ring = (at, radius, colour, wide) => {
    for (const [style, line] of [[theme.paper, wide + 3], [colour, wide]]) {
      context.strokeStyle = style;
      context.lineWidth = line;
      context.beginPath();
      context.arc(x(at[0]), y(at[1]), radius, 0, 2 * Math.PI);
      context.stroke();
    }
  };
  context.font = `600 13px ${theme.font}`;
  context.textAlign = "center";
  if (chosen) ring(chosen, DOT + 3, theme.text, 1.5);
  [...picks.map((at, k) => [at, `${k + 1}`]), ...(own ? [[own, "own"]] : [])].forEach(([at, text]) => {
    ring(at, DOT + 2, theme.text, 2);
    context.lineWidth = 4;
    context.strokeStyle = theme.paper;
    context.fillStyle = theme.text;
    context.strokeText(text, x(at[0]), y(at[1]) - 10);
    context.fillText(text, x(at[0]), y(at[1]) - 10);
  });
  context.strokeStyle = theme.text;
  context.lineWidth = 1;
  context.globalAlpha = 0.35;
  context.beginPath();
  context.moveTo(x(point[0]), 0); context.lineTo(x(point[0]), height);
  if (!line) { context.moveTo(0, y(point[1])); context.lineTo(width, y(point[1])); }
  context.stroke();
  context.globalAlpha = 1;
  ring([point[0], line ? 0.06 : point[1]], line ? 6 : 8, theme.accent, 2.5);
}
