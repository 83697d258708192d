// Where the images of a latent square come from: a decoder in the page, or a sheet of decoded places and the server.

// Decodes in a worker. While it is busy only the newest code waits.
class PageDecoder {
  constructor({ arrays, meta }, paint) {
    const layers = meta.bends.map((bend, k) => ({
      bend, weight: arrays[`weight ${k}`].data, bias: arrays[`bias ${k}`].data,
    }));
    this.width = arrays["weight 0"].shape[1];
    const address = URL.createObjectURL(new Blob([LATENT_WORKER], { type: "text/javascript" }));
    this.worker = new Worker(address);
    this.worker.onmessage = ({ data: { pixels, moved } }) => {
      paint(pixels, moved, true);
      this.busy = false;
      if (this.waiting) this.show(...this.waiting);
    };
    this.worker.postMessage({ layers }, layers.flatMap(({ weight, bias }) => [weight.buffer, bias.buffer]));
    URL.revokeObjectURL(address);
  }

  // `given` is the class of a model that is told one: its one-hot stands behind the code.
  show(z, given, moved) {
    this.waiting = this.busy ? [z, given, moved] : null;
    if (this.busy) return;
    this.busy = true;
    const whole = new Float32Array(this.width);
    whole.set(z);
    if (this.width > z.length) whole[z.length + given] = 1;
    this.worker.postMessage({ z: whole, moved });
  }

  close() {
    this.worker.terminate();
  }
}

// The square decoded at n × m places: any place between them is blended from its four neighbours.
class Sheet {
  static async from({ arrays, meta }, shape, key) {
    const sheet = new Sheet();
    [, sheet.height, sheet.width] = shape;
    [sheet.channels] = shape;
    Object.assign(sheet, { n: meta.n, m: meta.m, key });
    const picture = await createImageBitmap(new Blob([arrays.sprite.data], { type: "image/webp" }));
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(picture, 0, 0);
    sheet.across = picture.width;
    sheet.pixels = context.getImageData(0, 0, picture.width, picture.height).data;
    return sheet;
  }

  // The image at shares (0 to 1) of the way from left to right and from bottom to top: (C, H, W) of 0..255.
  at(right, up) {
    const place = (share, count) => {
      const x = Math.min(Math.max(share, 0), 1) * (count - 1);
      const low = Math.min(Math.floor(x), Math.max(count - 2, 0));
      return [low, Math.min(low + 1, count - 1), x - low];
    };
    const [left, right1, fx] = place(right, this.n);
    const [top, below, fy] = place(1 - up, this.m);
    const { width, height, channels, across, pixels } = this;
    const corner = (column, row) => 4 * (row * height * across + column * width);
    const [a, b, c, d] = [corner(left, top), corner(right1, top), corner(left, below), corner(right1, below)];
    const [wa, wb, wc, wd] = [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy];
    const out = new Uint8ClampedArray(channels * height * width);
    for (let channel = 0, to = 0; channel < channels; channel++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0, from = 4 * y * across + channel; x < width; x++, from += 4, to++) {
          out[to] = wa * pixels[a + from] + wb * pixels[b + from] + wc * pixels[c + from] + wd * pixels[d + from];
        }
      }
    }
    return out;
  }
}

const REST = 50; // ms for which the hand must be still before the exact image is asked for
const SHEET_REST = 250; // ms after the last slider before a sheet of the new slice is

// Paints from a sheet while the hand moves, and the exact image once it rests.
class ServerDecoder {
  // `sheets(rest, given)` is the address of a sheet, `exact(given)` of an exact image.
  constructor(addresses, shape, paint) {
    Object.assign(this, { ...addresses, shape, paint });
  }

  // `place` is [right, up] as shares of the square and `rest` the further coordinates, empty at their start.
  show(z, given, moved, place, rest) {
    this.last = { z, given, moved, place, rest };
    clearTimeout(this.timer);
    const key = this.key();
    const fits = this.sheet?.key === key;
    if (fits) this.paint(this.sheet.at(...place), moved, false);
    else if (this.loading !== key) {
      this.loading = key;
      clearTimeout(this.sheetTimer);
      this.sheetTimer = setTimeout(() => this.fetchSheet(key), this.sheet ? SHEET_REST : 0);
    }
    if (fits) this.timer = setTimeout(() => this.settle(), REST);
    else this.settle();
  }

  // A sheet is known by its address.
  key() {
    return this.sheets(this.last.rest, this.last.given);
  }

  async fetchSheet(key) {
    try {
      const sheet = await Sheet.from(await fetched(key), this.shape, key);
      if (this.loading === key) this.sheet = sheet;
    } catch {
      // Without a sheet every image is an exact one, and comes a little later.
    } finally {
      if (this.loading === key) this.loading = null;
    }
  }

  // One question at a time, always about the newest place.
  async settle() {
    if (this.asking) {
      this.again = true;
      return;
    }
    this.asking = true;
    const { z, given, moved } = this.last;
    try {
      const { arrays } = await fetched(this.exact(given), z.slice());
      const newest = this.last.z === z;
      // One that comes late is better than none, where no sheet paints meanwhile.
      if (!this.closed && (newest || this.sheet?.key !== this.key())) this.paint(arrays.x.data, moved, newest);
    } catch (error) {
      if (!this.closed) this.failed?.(error);
    } finally {
      this.asking = false;
      if (this.again && !this.closed) {
        this.again = false;
        this.settle();
      }
    }
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    clearTimeout(this.sheetTimer);
  }
}
