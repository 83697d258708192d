// Paints points and small images into one block of pixels: a canvas' own discs take five times as long, and WebGL
// without a GPU even longer. Places are in device pixels.

const EDGE = 32; // pixels around the picture, so that nothing that is stamped need be clipped
const PHASES = 4; // places of a disc within a pixel, across and up: discs move by quarters of a pixel
const [RED_BLUE, GREEN] = [0xff00ff, 0x00ff00];
const INK = 20; // of 255: fainter parts of an image are paper

// "#rrggbb" as a pixel: alpha, blue, green, red from the highest byte.
const pixelOf = (colour) => {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
};

// Two pixels mixed: `share` of 256 of the second.
const blended = (under, over, share) =>
  (0xff000000
    | (((Math.imul(under & RED_BLUE, 256 - share) + Math.imul(over & RED_BLUE, share)) >>> 8) & RED_BLUE)
    | (((Math.imul(under & GREEN, 256 - share) + Math.imul(over & GREEN, share)) >>> 8) & GREEN)) >>> 0;

class Raster {
  fit(width, height) {
    if (this.width === width && this.height === height) return;
    Object.assign(this, { width, height, stride: width + 2 * EDGE });
    this.image = new ImageData(this.stride, height + 2 * EDGE);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.masks = new Map();
  }

  clear(colour) {
    this.paper = pixelOf(colour);
    this.pixels.fill(this.paper);
  }

  put(context) {
    context.putImageData(this.image, -EDGE, -EDGE, EDGE, EDGE, this.width, this.height);
  }

  // A disc as [distance in the block, share of 256, …] for each place within a pixel. Radii go by eighths of a pixel, so
  // that there are not too many of them.
  disc(wanted, alpha) {
    const radius = Math.round(wanted * 8) / 8;
    const key = `${radius} ${alpha}`;
    if (!this.masks.has(key)) {
      const made = [];
      for (let phase = 0; phase < PHASES * PHASES; phase++) made.push(this.mask(radius, alpha, phase));
      this.masks.set(key, made);
    }
    return this.masks.get(key);
  }

  mask(radius, alpha, phase) {
    const [cx, cy] = [((phase % PHASES) + 0.5) / PHASES, (Math.floor(phase / PHASES) + 0.5) / PHASES];
    const out = [];
    const reach = Math.ceil(radius + 1);
    for (let y = -reach; y <= reach; y++) {
      for (let x = -reach; x <= reach; x++) {
        const covered = Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(x + 0.5 - cx, y + 0.5 - cy)));
        const share = Math.round(256 * covered * alpha);
        if (share > 10) out.push(y * this.stride + x, share);
      }
    }
    return Int32Array.from(out);
  }

  // The points whose `level` is `wanted`. `scene`: X, Y (pixels), Z (0 near to 1 far, or null), order (or null), tint
  // (index of a colour), level, count. `radii`: of the nearest to the farthest.
  discs({ X, Y, Z, order, tint, level, count }, wanted, colours, radii, alphas) {
    const { pixels, stride } = this;
    const masks = radii.flatMap((radius, k) => this.disc(Math.min(radius, EDGE - 2), alphas[k]));
    const [right, below, last] = [this.width + EDGE - 2, this.height + EDGE - 2, radii.length - 1e-4];
    const low = 2 - EDGE;
    for (let k = 0; k < count; k++) {
      const i = order ? order[k] : k;
      if (level[i] !== wanted) continue;
      const [x, y] = [X[i], Y[i]];
      if (!(x > low && x < right && y > low && y < below)) continue;
      const [px, py] = [x + EDGE, y + EDGE];
      const [column, row] = [px | 0, py | 0];
      const phase = (((py - row) * PHASES) | 0) * PHASES + (((px - column) * PHASES) | 0);
      const mask = masks[(Z ? (Z[i] * last) | 0 : 0) * PHASES * PHASES + phase];
      const base = row * stride + column;
      const over = colours[tint[i]];
      const [redBlue, green] = [over & RED_BLUE, over & GREEN];
      for (let m = 0; m < mask.length; m += 2) {
        const to = base + mask[m];
        const share = mask[m + 1];
        const under = pixels[to];
        pixels[to] = 0xff000000
          | (((Math.imul(under & RED_BLUE, 256 - share) + Math.imul(redBlue, share)) >>> 8) & RED_BLUE)
          | (((Math.imul(under & GREEN, 256 - share) + Math.imul(green, share)) >>> 8) & GREEN);
      }
    }
  }

  // The same points as images, `size` pixels across. Ink on paper takes the colour of its point; other images keep
  // their own and get a frame. A point whose image is not here yet is a small square.
  images({ X, Y, order, tint, level, count }, wanted, colours, sheets, size, alpha) {
    const across = Math.max(2, Math.round(size));
    const up = Math.max(2, Math.round((size * sheets.h) / sheets.w));
    const share = Math.round(256 * alpha);
    const [right, below] = [this.width + across / 2, this.height + up / 2];
    for (let k = 0; k < count; k++) {
      const i = order ? order[k] : k;
      if (level[i] !== wanted) continue;
      const [x, y] = [X[i], Y[i]];
      if (!(x > -across / 2 && x < right && y > -up / 2 && y < below)) continue;
      const [left, top] = [Math.round(x - across / 2), Math.round(y - up / 2)];
      const sheet = sheets.sheet(i, across);
      if (!sheet) this.block(Math.round(x) - 2, Math.round(y) - 2, 4, 4, colours[tint[i]], share);
      else if (sheets.ink) this.inked(sheet, i, left, top, across, up, colours[tint[i]], share, sheets.dark);
      else this.framed(sheet, i, left, top, across, up, colours[tint[i]], share);
    }
  }

  // The part of a rectangle that is in the picture: [first column, last, first row, last].
  within(left, top, across, up) {
    return [Math.max(0, -left), Math.min(across, this.width - left), Math.max(0, -top), Math.min(up, this.height - top)];
  }

  block(left, top, across, up, colour, share) {
    const [c0, c1, r0, r1] = this.within(left, top, across, up);
    for (let r = r0; r < r1; r++) {
      const to = (top + r + EDGE) * this.stride + left + EDGE;
      for (let c = c0; c < c1; c++) this.pixels[to + c] = blended(this.pixels[to + c], colour, share);
    }
  }

  inked(sheet, i, left, top, across, up, colour, share, dark) {
    const [c0, c1, r0, r1] = this.within(left, top, across, up);
    const { pixels, stride } = this;
    const { data, w, h, width } = sheet;
    const [stepX, stepY] = [w / across, h / up];
    const [redBlue, green] = [colour & RED_BLUE, colour & GREEN];
    const from = sheet.start(i);
    for (let r = r0; r < r1; r++) {
      const source = from + ((r + 0.5) * stepY | 0) * width;
      const to = (top + r + EDGE) * stride + left + EDGE;
      for (let c = c0; c < c1; c++) {
        const value = data[source + ((c + 0.5) * stepX | 0)];
        const ink = dark ? value : 255 - value;
        if (ink < INK) continue;
        const part = (share * (ink + 1)) >> 8;
        const under = pixels[to + c];
        pixels[to + c] = 0xff000000
          | (((Math.imul(under & RED_BLUE, 256 - part) + Math.imul(redBlue, part)) >>> 8) & RED_BLUE)
          | (((Math.imul(under & GREEN, 256 - part) + Math.imul(green, part)) >>> 8) & GREEN);
      }
    }
  }

  framed(sheet, i, left, top, across, up, colour, share) {
    const [c0, c1, r0, r1] = this.within(left, top, across, up);
    const { pixels, stride } = this;
    const { data, w, h, width, channels } = sheet;
    const [stepX, stepY] = [w / across, h / up];
    const from = sheet.start(i);
    for (let r = r0; r < r1; r++) {
      const source = from + ((r + 0.5) * stepY | 0) * width;
      const to = (top + r + EDGE) * stride + left + EDGE;
      for (let c = c0; c < c1; c++) {
        const at = (source + ((c + 0.5) * stepX | 0)) * channels;
        const own = channels === 3 ? (data[at + 2] << 16) | (data[at + 1] << 8) | data[at] : data[at] * 0x010101;
        pixels[to + c] = share > 255 ? own | 0xff000000 : blended(pixels[to + c], own, share);
      }
    }
    const wide = across > 26 ? 2 : 1;
    for (const [x, y, a, b] of [[0, 0, across, wide], [0, up - wide, across, wide], [0, wide, wide, up - 2 * wide], [across - wide, wide, wide, up - 2 * wide]]) {
      this.block(left + x, top + y, a, b, colour, share);
    }
  }

  // A straight line, smooth at its edges.
  line([x0, y0], [x1, y1], colour, alpha) {
    const steps = Math.ceil(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1));
    const steep = Math.abs(y1 - y0) > Math.abs(x1 - x0);
    for (let k = 0; k <= steps; k++) {
      const [x, y] = [x0 + ((x1 - x0) * k) / steps, y0 + ((y1 - y0) * k) / steps];
      const [column, row] = [Math.floor(x), Math.floor(y)];
      const off = steep ? x - column : y - row;
      this.dot(column, row, colour, (1 - off) * alpha);
      this.dot(column + (steep ? 1 : 0), row + (steep ? 0 : 1), colour, off * alpha);
    }
  }

  dot(column, row, colour, alpha) {
    if (column < -EDGE || row < -EDGE || column >= this.width + EDGE || row >= this.height + EDGE) return;
    const to = (row + EDGE) * this.stride + column + EDGE;
    this.pixels[to] = blended(this.pixels[to], colour, Math.round(256 * alpha));
  }
}
