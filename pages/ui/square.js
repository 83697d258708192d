// The panel of the decoded square, and the latent cursor that all pictures of one clock share.

const LENS = 84; // pixels: the enlarged image beside the cursor
const TINY = 16; // pixels: narrower images need more room to be recognised
const LINE_COLUMNS = 10; // of a code of one number: its images are read like text

// How a square (or line) of images lies over its box: columns and rows that are drawn, and which image is where.
// Of a square too fine for the canvas every second or third place is drawn; the lens still finds all of them.
function layout({ square, square_box: box }, flat, width) {
  const [n, , , w] = square.shape;
  const side = Math.round(Math.sqrt(n));
  const shown = Math.max(2, Math.min(side, Math.floor(width / (w < TINY ? 26 : 18))));
  const [columns, rows] = flat ? [shown, shown] : [LINE_COLUMNS, Math.ceil(n / LINE_COLUMNS)];
  const [left, right, bottom, top] = box.data;
  const along = (value, from, to, count) => ((value - from) / (to - from)) * (count - 1);
  // The column and the row from the top, fractions included, of a place in code units; and back.
  const cellOf = ([a, b]) => {
    if (flat) return [along(a, left, right, shown), shown - 1 - along(b, bottom, top, shown)];
    const k = along(a, left, right, n);
    const row = Math.floor((k + 0.5) / columns);
    return [k - row * columns, row];
  };
  const placeOf = (column, row) => {
    if (!flat) return [left + ((Math.round(row) * columns + column) / (n - 1)) * (right - left)];
    return [left + (column / (shown - 1)) * (right - left), bottom + ((shown - 1 - row) / (shown - 1)) * (top - bottom)];
  };
  // The image nearest to a place: a square's first row is at the bottom of its array.
  const image = ([a, b]) => {
    const [i, j] = [Math.round(along(a, left, right, flat ? side : n)), flat ? Math.round(along(b, bottom, top, side)) : 0];
    return i >= 0 && j >= 0 && i < (flat ? side : n) && j < side ? j * side + i : null;
  };
  return { columns, rows, cellOf, placeOf, image };
}

// The images on one sheet; grey ones a whole pixel at a time, as this is drawn up to 60 times a second.
function sheetOf(images, { columns, rows, image, placeOf }) {
  const [, channels, height, width] = images.shape;
  // Tiny images have no margin of their own.
  const gap = width < TINY ? 1 : 0;
  const sheet = new ImageData(columns * (width + gap), rows * (height + gap));
  const pixels = new Uint32Array(sheet.data.buffer);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const i = image(placeOf(column, row));
      if (i === null) continue;
      if (channels !== 1) {
        blit(sheet, images, i, column * (width + gap), row * (height + gap));
        continue;
      }
      for (let y = 0, from = i * height * width; y < height; y++) {
        let to = (row * (height + gap) + y) * sheet.width + column * (width + gap);
        for (let x = 0; x < width; x++) pixels[to++] = 0xff000000 | (images.data[from++] * 0x010101);
      }
    }
  }
  return sheet;
}

const round = (value) => Number(value.toFixed(Math.abs(value) < 10 ? 1 : 0)).toLocaleString("en").replace("-", "−");

function drawSquare(view, canvas, frame, ratio) {
  const flat = frame.codes.shape[1] === 2;
  const plan = layout(frame, flat, canvas.clientWidth);
  const sheet = sheetOf(frame.square, plan);
  const area = surface(canvas, Math.min(ratio, 1) * (sheet.height / sheet.width));
  if (!area) return;
  scratch.width = sheet.width;
  scratch.height = sheet.height;
  scratch.getContext("2d").putImageData(sheet, 0, 0);
  const { context } = area;
  // One image is as wide as high, whatever the ratio: what is left over stays empty beside it.
  const scale = Math.min(area.width / sheet.width, area.height / sheet.height);
  const from = (area.width - scale * sheet.width) / 2;
  const cell = (scale * sheet.width) / plan.columns;
  const tall = (scale * sheet.height) / plan.rows;
  context.imageSmoothingEnabled = scale < 1;
  context.drawImage(scratch, from, 0, scale * sheet.width, scale * sheet.height);
  canvas.placeOf = (x, y) => plan.placeOf((x - from) / cell - 0.5, y / tall - 0.5);
  canvas.reach = [frame.square_box.data[1] - frame.square_box.data[0], frame.square_box.data[3] - frame.square_box.data[2]];
  const place = view.clock.place;
  if (!place || (place.length > 1) !== flat) return;
  const [column, row] = plan.cellOf(place);
  const i = plan.image(place);
  const at = [from + (column + 0.5) * cell, (row + 0.5) * tall];
  if (i === null) return;
  drawCursor(context, at, view);
  drawLens(area, frame.square, i, at, view);
}

// The image at the cursor, enlarged, on the side where there is room.
function drawLens({ context, width, height }, images, i, [x, y], view) {
  const [, , h, w] = images.shape;
  const [across, up] = [LENS, (LENS * h) / w];
  const left = x + 16 + across < width ? x + 16 : x - 16 - across;
  const top = Math.max(2, Math.min(y - up / 2, height - up - 2));
  scratch.width = w;
  scratch.height = h;
  const one = new ImageData(w, h);
  blit(one, images, i, 0, 0);
  scratch.getContext("2d").putImageData(one, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(scratch, left, top, across, up);
  context.strokeStyle = view.theme().accent;
  context.lineWidth = 2;
  context.strokeRect(left, top, across, up);
}

// A ring with a light rim, so that it is seen on any ground.
function drawCursor(context, [x, y], view) {
  for (const [colour, width] of [["#fff", 4.5], [view.theme().accent, 2.5]]) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    context.arc(x, y, 7, 0, 7);
    context.stroke();
  }
}

// The circles of one, two and three standard deviations of the prior.
function drawPrior(context, x, y, theme) {
  context.strokeStyle = theme.text;
  context.lineWidth = 1.2;
  context.globalAlpha = 0.5;
  context.setLineDash([5, 4]);
  for (const radius of [1, 2, 3]) {
    context.beginPath();
    context.ellipse(x(0), y(0), x(radius) - x(0), y(0) - y(radius), 0, 0, 7);
    context.stroke();
  }
  context.setLineDash([]);
  context.globalAlpha = 1;
}

const ELLIPSES = 250; // that are drawn: more would only cover each other
const [FAINT, SOFT] = [0.05, 0.16]; // their opacity where they cover the picture many times over, and elsewhere
const DEPTH = 0.4; // opacity of all of them together, were they spread evenly: beyond that fewer are drawn

// One standard deviation of q(z|x) around each of the first codes, in the colour of its dot.
function drawSigmas(context, { codes, log_var: logVar }, colour, x, y) {
  const d = codes.shape[1];
  const ellipses = [];
  let covered = 0;
  for (let i = 0; i < Math.min(ELLIPSES, codes.shape[0]); i++) {
    const [a, b] = [i * d, i * d + 1];
    const [across, up] = [x(Math.exp(logVar.data[a] / 2)) - x(0), y(0) - y(Math.exp(logVar.data[b] / 2))];
    covered += Math.PI * across * up;
    ellipses.push([x(codes.data[a]), y(codes.data[b]), across, up]);
  }
  const { clientWidth, clientHeight } = context.canvas;
  const room = (DEPTH * clientWidth * clientHeight) / covered;
  context.globalAlpha = Math.min(SOFT, Math.max(FAINT, room));
  ellipses.slice(0, Math.max(8, Math.ceil((ELLIPSES * room) / FAINT))).forEach(([left, top, across, up], i) => {
    context.fillStyle = colour(i);
    context.beginPath();
    context.ellipse(left, top, across, up, 0, 0, 7);
    context.fill();
  });
  context.globalAlpha = 1;
}

// The box of the codes, with room for the standard deviations around them.
function extentOfCodes(points, frame) {
  const box = extentOf(points);
  if (!frame.log_var || frame.codes.shape[1] === 1) return box;
  const [n, d] = frame.log_var.shape;
  return box.map((edge, k) => {
    const axis = k < 2 ? 0 : 1;
    let sum = 0;
    for (let i = axis; i < n * d; i += d) sum += Math.exp(frame.log_var.data[i] / 2);
    return edge + ((k % 2 ? 1 : -1) * sum) / n;
  });
}

PANELS.push({
  name: "Square",
  big: true,
  applies: (frame) => areImages(frame.square) && arePoints(frame.codes),
  title: (frame) => {
    const [left, right, bottom, top] = Array.from(frame.square_box.data, round);
    return frame.codes.shape[1] === 2 ? `Decoded: z₁ ${left}…${right}, z₂ ${bottom}…${top}` : `Decoded: z ${left}…${right}, like text`;
  },
  pointed: true,
  draw: (view, canvas, frame, alone) => drawSquare(view, canvas, frame, alone ? 0.8 : 1),
});
