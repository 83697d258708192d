// The thumbnails of a map: sheets of them are fetched one after another behind the map, and kept as grey or RGB bytes.

const ON_SHEET = 2500;
const IN_ROW = 50;
const PLAIN = 0.9; // share of images whose rim is all paper, for them to count as ink on paper
const RIM = 40; // of 255: how far paper may be from black or white
const JUDGED = 200; // images that are looked at for that

// One sheet at one size: bytes of all its images, `start(row)` the place of an image's first pixel.
class Sheet {
  constructor(data, w, h, width, channels) {
    Object.assign(this, { data, w, h, width, channels });
  }

  start(row) {
    const k = row % ON_SHEET;
    return Math.floor(k / IN_ROW) * this.h * this.width + (k % IN_ROW) * this.w;
  }

  // The same images at half the size: each pixel the mean of four.
  halved() {
    const [w, h] = [this.w >> 1, this.h >> 1];
    const [rows, width, c] = [this.data.length / this.channels / this.width / this.h, w * IN_ROW, this.channels];
    const data = new Uint8Array(rows * h * width * c);
    for (let y = 0; y < rows * h; y++) {
      const above = (Math.floor(y / h) * this.h + (y % h) * 2) * this.width;
      for (let x = 0; x < width; x++) {
        const at = (above + Math.floor(x / w) * this.w + (x % w) * 2) * c;
        const below = at + this.width * c;
        for (let k = 0; k < c; k++) {
          data[(y * width + x) * c + k] = (this.data[at + k] + this.data[at + c + k] + this.data[below + k] + this.data[below + c + k] + 2) >> 2;
        }
      }
    }
    return new Sheet(data, w, h, width, c);
  }
}

// Takes pictures apart beside the page, which would stop for a moment with each: a picture as bytes goes in, its sheet in
// three sizes comes back, or null for what is no picture.
const TAKE_APART = () => `
const IN_ROW = ${IN_ROW}, ON_SHEET = ${ON_SHEET};
${Sheet}
${sheetOf}
onmessage = async ({ data: { bytes, count } }) => {
  try {
    const whole = await sheetOf(new Blob([bytes]), count);
    const half = whole.halved();
    const sizes = [whole, half, half.halved()].map((sheet) => ({ ...sheet }));
    postMessage(sizes, sizes.map(({ data }) => data.buffer));
  } catch {
    postMessage(null);
  }
};`;

class Sheets {
  constructor(changed) {
    this.changed = changed;
    this.clear();
  }

  clear() {
    this.turn = (this.turn ?? 0) + 1;
    this.worker?.terminate();
    Object.assign(this, { worker: null, sizes: [], count: 0, w: 1, h: 1, known: null });
  }

  get complete() {
    return this.count > 0 && this.sizes.filter(Boolean).length === Math.ceil(this.count / ON_SHEET);
  }

  // Fetches them one after another. `address(i)` is where sheet i lies.
  async fill(count, address) {
    this.clear();
    const { turn } = this;
    this.count = count;
    const source = URL.createObjectURL(new Blob([TAKE_APART()], { type: "text/javascript" }));
    const worker = (this.worker = new Worker(source));
    URL.revokeObjectURL(source);
    for (let i = 0; i * ON_SHEET < count; i++) {
      const answer = await fetch(address(i)).catch(() => null); // the server is gone: the map does without
      if (turn !== this.turn || answer?.status !== 200) break;
      const bytes = await answer.arrayBuffer();
      const sizes = await this.apart(worker, bytes, Math.min(ON_SHEET, count - i * ON_SHEET));
      if (turn !== this.turn || !sizes) break;
      this.keep(i, sizes);
    }
    worker.terminate();
  }

  apart(worker, bytes, count) {
    return new Promise((done) => {
      worker.onmessage = ({ data }) => done(data);
      worker.postMessage({ bytes, count }, [bytes]);
    });
  }

  // Each sheet in three sizes, so that small images are means of pixels and not a choice of them.
  keep(i, sizes) {
    this.sizes[i] = sizes.map(({ data, w, h, width, channels }) => new Sheet(data, w, h, width, channels));
    const [sheet] = this.sizes[i];
    if (!this.known) {
      Object.assign(this, { w: sheet.w, h: sheet.h, known: true }, judged(sheet, Math.min(this.count, JUDGED)));
    }
    this.changed();
  }

  // The sheet of a row at the size that is best drawn `across` pixels wide; null while it is not here.
  sheet(row, across) {
    const sizes = this.sizes[Math.floor(row / ON_SHEET)];
    if (!sizes) return null;
    return across > 0.75 * sizes[0].w ? sizes[0] : across > 0.75 * sizes[1].w ? sizes[1] : sizes[2];
  }

  // The image of a row as bytes (h, w, channels), or null.
  image(row) {
    const sheet = this.sheet(row, Infinity);
    if (!sheet) return null;
    const { w, h, width, channels, data } = sheet;
    const pixels = new Uint8Array(w * h * channels);
    for (let y = 0; y < h; y++) {
      const from = (sheet.start(row) + y * width) * channels;
      pixels.set(data.subarray(from, from + w * channels), y * w * channels);
    }
    return { pixels, w, h, channels };
  }
}

// A picture of up to 2,500 images as a sheet.
async function sheetOf(blob, count) {
  const picture = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(picture, 0, 0);
  const { data } = context.getImageData(0, 0, picture.width, picture.height);
  const [w, h] = [picture.width / IN_ROW, picture.height / Math.ceil(count / IN_ROW)];
  let grey = true;
  for (let i = 0; grey && i < data.length; i += 4) grey = data[i] === data[i + 1] && data[i] === data[i + 2];
  const channels = grey ? 1 : 3;
  const out = new Uint8Array((data.length / 4) * channels);
  for (let i = 0, to = 0; i < data.length; i += 4) {
    for (let c = 0; c < channels; c++) out[to++] = data[i + c];
  }
  return new Sheet(out, Math.floor(w), Math.floor(h), picture.width, channels);
}

// Whether the images are ink on plain paper, and whether that paper is dark.
function judged(sheet, count) {
  if (sheet.channels === 3) return { ink: false, dark: true };
  let [black, white] = [0, 0];
  for (let row = 0; row < count; row++) {
    let [darkest, lightest] = [255, 0];
    for (let x = 0; x < sheet.w; x++) {
      for (const y of [0, sheet.h - 1]) {
        const value = sheet.data[sheet.start(row) + y * sheet.width + x];
        [darkest, lightest] = [Math.min(darkest, value), Math.max(lightest, value)];
      }
    }
    black += lightest < RIM;
    white += darkest > 255 - RIM;
  }
  return { ink: Math.max(black, white) >= PLAIN * count, dark: black >= white };
}

// A row's image on a canvas of its own size.
function drawThumbnail(canvas, { pixels, w, h, channels }) {
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  const image = new ImageData(w, h);
  for (let i = 0; i < w * h; i++) {
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = pixels[channels === 3 ? 3 * i + c : i];
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}
