// A sheet to draw a digit on, white on black as the data are: strokes here, the small image that a model gets beside it.

const LONG = 280; // pixels of the sheet's longer side, at which strokes are turned into ink
const BOX = 20; // MNIST's digits fill a box of 20 × 20 within their 28 × 28
const LEAST = 24; // ink fainter than this is no part of the digit
const RINGS = [[1.25, 90], [1, 175], [0.72, 255]]; // the brush: width, grey

const element = (tag, properties = {}) => Object.assign(document.createElement(tag), properties);

// The strokes, lists of [x, y] in 0..1, as grey values: {data, width, height}.
function inked(strokes, width, height, brush) {
  const canvas = element("canvas", { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.lineCap = context.lineJoin = "round";
  context.globalCompositeOperation = "lighten"; // where strokes cross they get no brighter
  for (const [wide, grey] of RINGS) {
    context.strokeStyle = `rgb(${grey},${grey},${grey})`;
    context.lineWidth = brush * wide;
    for (const stroke of strokes) {
      context.beginPath();
      stroke.forEach(([x, y], i) => (i ? context.lineTo(x * width, y * height) : context.moveTo(x * width, y * height)));
      if (stroke.length === 1) context.lineTo(stroke[0][0] * width + 0.01, stroke[0][1] * height);
      context.stroke();
    }
  }
  const pixels = context.getImageData(0, 0, width, height).data;
  return { data: Uint8Array.from({ length: width * height }, (_, i) => pixels[4 * i]), width, height, canvas };
}

// How MNIST places a digit: its longer side becomes 20 pixels, its centre of mass the middle of the 28 × 28.
function placed(ink, width, height) {
  let [total, mx, my] = [0, 0, 0];
  let [left, right, top, bottom] = [ink.width, -1, ink.height, -1];
  ink.data.forEach((value, i) => {
    if (value < LEAST) return;
    const [x, y] = [i % ink.width, Math.floor(i / ink.width)];
    total += value; mx += value * (x + 0.5); my += value * (y + 0.5);
    left = Math.min(left, x); right = Math.max(right, x);
    top = Math.min(top, y); bottom = Math.max(bottom, y);
  });
  const scale = BOX / Math.max(right - left + 1, bottom - top + 1);
  return { scale, left: width / 2 - (mx / total) * scale, top: height / 2 - (my / total) * scale };
}

// Every pixel of the small image is the mean of the ink under it: rows of 0..255.
function shrunk(ink, width, height, { scale, left, top }) {
  const across = ink.width + 1; // sums of all ink to the left of and above a place
  const sums = new Float64Array(across * (ink.height + 1));
  for (let y = 0; y < ink.height; y++) {
    for (let x = 0, line = 0; x < ink.width; x++) {
      line += ink.data[y * ink.width + x];
      sums[(y + 1) * across + x + 1] = sums[y * across + x + 1] + line;
    }
  }
  const edge = (value, most) => Math.min(Math.max(Math.round(value), 0), most);
  return Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => {
    const [x0, x1] = [x, x + 1].map((v) => edge((v - left) / scale, ink.width));
    const [y0, y1] = [y, y + 1].map((v) => edge((v - top) / scale, ink.height));
    const sum = sums[y1 * across + x1] - sums[y0 * across + x1] - sums[y1 * across + x0] + sums[y0 * across + x0];
    return Math.min(255, Math.round(sum * scale * scale));
  }));
}

class Sketch {
  constructor(parent) {
    this.strokes = [];
    this.root = element("div", { className: "sketch" });
    this.canvas = element("canvas", { role: "img", className: "sheet" });
    this.canvas.ariaLabel = "Drag with mouse, finger or pen to draw";
    this.small = element("canvas", { role: "img", className: "small" });
    this.small.ariaLabel = "The drawing as the model gets it";
    this.note = element("span");
    this.undo = element("button", { textContent: "Undo", type: "button", onclick: () => { this.strokes.pop(); this.tell(); } });
    this.clear = element("button", { textContent: "Clear", type: "button", onclick: () => { this.strokes = []; this.tell(); } });
    const bar = element("div", { className: "sketchbar" });
    bar.append(this.undo, this.clear, this.note);
    const seen = element("figure");
    seen.append(this.small, element("figcaption", { textContent: "as the model gets it" }));
    const sheets = element("div", { className: "sheets" });
    sheets.append(this.canvas, seen);
    this.root.append(sheets, bar);
    parent.append(this.root);
    this.canvas.onpointerdown = (event) => this.start(event);
    this.canvas.onpointermove = (event) => this.down && this.add(event);
    this.canvas.onpointerup = this.canvas.onpointercancel = () => {
      if (!this.down) return;
      this.down = false;
      this.tell();
    };
  }

  update(component) {
    this.component = component;
    [this.height, this.width] = component.data.shape;
    const unit = LONG / Math.max(this.height, this.width);
    [this.canvas.width, this.canvas.height] = [this.width, this.height].map((side) => Math.round(side * unit));
    // Coarse images need a brush that fills a pixel.
    this.brush = Math.max(LONG * 0.08, unit);
    const { strokes, stale } = component.data;
    // What was drawn a moment ago is newer than what the server still shows.
    if (!this.down && JSON.stringify(strokes) !== this.told) this.strokes = strokes;
    if (stale) this.tell();
    else this.paint();
  }

  start(event) {
    if (event.button) return;
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.down = true;
    this.strokes.push([]);
    this.add(event);
  }

  add(event) {
    const box = this.canvas.getBoundingClientRect();
    // A quick hand is sampled more finely than the screen is drawn.
    for (const one of event.getCoalescedEvents?.().length ? event.getCoalescedEvents() : [event]) {
      const place = [(one.clientX - box.left) / box.width, (one.clientY - box.top) / box.height];
      this.strokes.at(-1).push(place.map((v) => Number(v.toFixed(4))));
    }
    this.paint();
  }

  pixels(ink) {
    if (!this.strokes.length || !ink.data.some((value) => value >= LEAST)) return null;
    const digit = this.width === 28 && this.height === 28;
    const place = digit ? placed(ink, 28, 28) : { scale: this.width / ink.width, left: 0, top: 0 };
    return shrunk(ink, this.width, this.height, place);
  }

  tell() {
    const pixels = this.paint();
    this.told = JSON.stringify(this.strokes);
    this.component.setStateValue("drawing", { pixels, strokes: this.strokes });
  }

  paint() {
    const ink = inked(this.strokes, this.canvas.width, this.canvas.height, this.brush);
    const context = this.canvas.getContext("2d");
    context.fillStyle = "#000";
    context.fillRect(0, 0, ink.width, ink.height);
    context.globalCompositeOperation = "lighten";
    context.drawImage(ink.canvas, 0, 0);
    context.globalCompositeOperation = "source-over";
    const pixels = this.pixels(ink);
    this.preview(pixels);
    this.undo.disabled = this.clear.disabled = !this.strokes.length;
    this.note.textContent = this.strokes.length ? "" : "Draw on the black sheet";
    return pixels;
  }

  preview(pixels) {
    [this.small.width, this.small.height] = [this.width, this.height];
    const image = new ImageData(this.width, this.height);
    for (let i = 0; i < this.width * this.height; i++) {
      image.data.fill(pixels?.[Math.floor(i / this.width)][i % this.width] ?? 0, 4 * i, 4 * i + 3);
      image.data[4 * i + 3] = 255;
    }
    this.small.getContext("2d").putImageData(image, 0, 0);
  }
}
