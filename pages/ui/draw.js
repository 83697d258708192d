// Draws arrays on canvases: grids of small images, and clouds of points with axes.

// The canvas at its size on the page, in device pixels; null while it is not shown.
function surface(canvas, ratio) {
  const width = canvas.clientWidth;
  if (!width) return null;
  const height = Math.round(width * ratio);
  const scale = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

// Image i of images (n, C, H, W) uint8 into the sheet's pixels at (left, top).
function blit(sheet, images, i, left, top) {
  const [, channels, height, width] = images.shape;
  const plane = height * width;
  const start = i * channels * plane;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = start + y * width + x;
      const to = ((top + y) * sheet.width + left + x) * 4;
      const red = images.data[from];
      sheet.data[to] = red;
      sheet.data[to + 1] = channels === 3 ? images.data[from + plane] : red;
      sheet.data[to + 2] = channels === 3 ? images.data[from + 2 * plane] : red;
      sheet.data[to + 3] = 255;
    }
  }
}

// One image (C, H, W) of 0..255 on a canvas of just as many pixels; the style sheet enlarges it.
function paintPixels(canvas, pixels, [channels, height, width]) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const image = new ImageData(width, height);
  blit(image, { data: pixels, shape: [1, channels, height, width] }, 0, 0, 0);
  canvas.getContext("2d").putImageData(image, 0, 0);
}

const scratch = document.createElement("canvas");

// Rows of images: `rows` is a list of lists of [images, i]; a null row is a narrow gap.
function drawImages(canvas, rows) {
  const cells = rows.filter(Boolean);
  const [, , height, width] = cells[0][0][0].shape;
  const columns = Math.max(...cells.map((row) => row.length));
  // A gap of about a tenth of a cell keeps neighbours apart at any resolution.
  const gap = Math.max(1, Math.round(width / 14));
  const tall = rows.reduce((sum, row) => sum + (row ? height + gap : 2 * gap), -gap);
  const sheet = new ImageData(columns * (width + gap) - gap, tall);
  let top = 0;
  for (const row of rows) {
    if (row) row.forEach(([images, i], column) => blit(sheet, images, i, column * (width + gap), top));
    top += row ? height + gap : 2 * gap;
  }
  const area = surface(canvas, sheet.height / sheet.width);
  if (!area) return;
  scratch.width = sheet.width;
  scratch.height = sheet.height;
  scratch.getContext("2d").putImageData(sheet, 0, 0);
  area.context.imageSmoothingEnabled = false;
  area.context.drawImage(scratch, 0, 0, area.width, area.height);
}

// Round numbers between low and high, about `count` of them.
function ticks(low, high, count) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw);
  const out = [];
  // Multiples, not sums: those would write zero as -5.55e-17.
  for (let k = Math.ceil(low / step); k * step <= high + 1e-9; k++) out.push(Number((k * step).toPrecision(6)));
  return out;
}

// The box [x0, x1, y0, y1] that holds all but the farthest half percent of points (n, 2), with a margin.
function extentOf(points, margin = 0.12) {
  const box = [];
  for (const axis of [0, 1]) {
    const values = [];
    for (let i = axis; i < points.data.length; i += points.shape[1]) {
      if (Number.isFinite(points.data[i])) values.push(points.data[i]);
    }
    values.sort((a, b) => a - b);
    const low = values[Math.floor(values.length * 0.005)] ?? -1;
    const high = values[Math.ceil(values.length * 0.995) - 1] ?? 1;
    const pad = Math.max((high - low) * margin, 1e-3);
    box.push(low - pad, high + pad);
  }
  return box;
}

// Keeps the old box while the new one fits it well, so that the axes do not tremble.
function steadyExtent(old, fresh) {
  if (!old) return fresh;
  const fits = [0, 2].every((i) => {
    const [was, now] = [old[i + 1] - old[i], fresh[i + 1] - fresh[i]];
    return fresh[i] >= old[i] - 0.02 * was && fresh[i + 1] <= old[i + 1] + 0.02 * was && now > 0.6 * was;
  });
  return fits ? old : fresh;
}

// Widens the box so that one unit is as long across as up.
function square(box, width, height) {
  const [w, h] = [box[1] - box[0], box[3] - box[2]];
  const unit = Math.max(w / width, h / height);
  const [mx, my] = [(box[0] + box[1]) / 2, (box[2] + box[3]) / 2];
  return [mx - (unit * width) / 2, mx + (unit * width) / 2, my - (unit * height) / 2, my + (unit * height) / 2];
}

function drawAxes({ context, width, height }, box, theme, { up = true } = {}) {
  const x = (v) => ((v - box[0]) / (box[1] - box[0])) * width;
  const y = (v) => height - ((v - box[2]) / (box[3] - box[2])) * height;
  context.font = `12px ${theme.font}`;
  context.lineWidth = 1;
  for (const [values, across] of [[ticks(box[0], box[1], 5), true], [up ? ticks(box[2], box[3], 5) : [], false]]) {
    for (const t of values) {
      context.strokeStyle = theme.border;
      context.globalAlpha = t === 0 ? 1 : 0.55;
      context.beginPath();
      if (across) { context.moveTo(x(t), 0); context.lineTo(x(t), height); }
      else { context.moveTo(0, y(t)); context.lineTo(width, y(t)); }
      context.stroke();
      context.globalAlpha = 0.75;
      context.fillStyle = theme.text;
      context.textAlign = across ? "center" : "left";
      if (across && x(t) > 24 && x(t) < width - 12) context.fillText(String(t), x(t), height - 4);
      if (!across && y(t) > 12 && y(t) < height - 18) context.fillText(String(t), 4, y(t) - 3);
    }
  }
  context.globalAlpha = 1;
  return { x, y };
}

// Layers of points (n, 2): {points, colour(i), size, alpha}; one unit is as long across as up if `equal`. `under` and
// `over` draw what lies beneath and above them: they get the context, x and y (from units to pixels) and the box.
function drawPoints(canvas, layers, box, theme, { ratio = 1, equal = true, under = null, over = null } = {}) {
  const area = surface(canvas, ratio);
  if (!area) return;
  const shown = equal ? square(box, area.width, area.height) : box;
  const { x, y } = drawAxes(area, shown, theme);
  under?.(area.context, x, y, shown);
  for (const { points, colour, size, alpha } of layers) {
    const [n, d] = points.shape;
    area.context.globalAlpha = alpha;
    for (let i = 0; i < n; i++) {
      area.context.fillStyle = colour(i);
      area.context.beginPath();
      area.context.arc(x(points.data[i * d]), y(points.data[i * d + 1]), size, 0, 7);
      area.context.fill();
    }
  }
  area.context.globalAlpha = 1;
  over?.(area.context, x, y, shown);
}
