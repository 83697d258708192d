// Where one looks at a map from, and where its points then stand on the screen. Places on the screen are in CSS pixels
// unless said otherwise.

const OUTER = 0.002; // share of the points at each end of an axis that may lie outside the first view
const FAR_OUT = 1.6; // times: how much larger the box must be without leaving them out
const CLOSEST = 200; // times the first view
const WIDEST = 0.4;
const FRAME = 26; // pixels between the points and the edge of the picture
const ROUND = 1.22; // clouds hardly fill the corners of their box, which may leave the picture
const DEPTHS = 1024; // that are told apart when sorting

// Low and high of each axis of points (n, d); a few that lie far out are left out, so that the others can be seen.
function rangesOf({ data, shape: [n, d] }) {
  return Array.from({ length: d }, (_, axis) => {
    const values = new Float32Array(n);
    let kept = 0;
    for (let i = axis; i < data.length; i += d) if (Number.isFinite(data[i])) values[kept++] = data[i];
    if (!kept) return [-1, 1];
    const sorted = values.subarray(0, kept).sort();
    const cut = Math.floor(kept * OUTER);
    const [whole, most] = [[sorted[0], sorted[kept - 1]], [sorted[cut], sorted[kept - 1 - cut]]];
    const range = whole[1] - whole[0] > FAR_OUT * (most[1] - most[0]) && most[1] > most[0] ? most : whole;
    return range[1] > range[0] ? range : [range[0] - 1, range[0] + 1];
  });
}

class Camera {
  constructor() {
    this.reset();
  }

  reset() {
    Object.assign(this, { x: 0, y: 0, zoom: 1, yaw: 0.6, pitch: 0.42 });
  }

  // What the first view holds: ranges [[low, high], …] of two or three axes.
  hold(ranges) {
    this.box = ranges;
    this.flat = ranges.length === 2;
    this.middle = ranges.map(([low, high]) => (low + high) / 2);
    const halves = ranges.map(([low, high]) => (high - low) / 2);
    this.half = this.flat ? Math.max(...halves) : Math.hypot(...halves);
  }

  fit(width, height) {
    Object.assign(this, { width, height });
    if (!this.box) return;
    if (this.flat) {
      const [wide, tall] = this.box.map(([low, high]) => (high - low) / 2 / this.half);
      this.unit = Math.min((width / 2 - FRAME) / wide, (height / 2 - FRAME) / tall);
    } else this.unit = unitOf(this, this.pitch, width, height) * ROUND;
    this.unit = Math.max(this.unit, 1);
  }

  // The place of a point on the screen: [x, y, depth], depth in half diagonals of the box.
  see(...point) {
    const [a, b, c] = point.map((v, k) => (v - this.middle[k]) / this.half);
    const [u, v, depth] = this.flat ? [a, -b, 0] : seenFrom(eyeOf(this.yaw, this.pitch))(a, b, c);
    const scale = this.unit * this.zoom;
    return [this.width / 2 + (u - this.x) * scale, this.height / 2 + (v - this.y) * scale, depth];
  }

  // The place in the map under a place on the screen; of a flat map only.
  under(x, y) {
    const scale = this.unit * this.zoom;
    const [u, v] = [(x - this.width / 2) / scale + this.x, (y - this.height / 2) / scale + this.y];
    return [this.middle[0] + u * this.half, this.middle[1] - v * this.half];
  }

  pan(dx, dy) {
    this.x -= dx / (this.unit * this.zoom);
    this.y -= dy / (this.unit * this.zoom);
  }

  turn(across, up) {
    this.yaw += across;
    this.pitch = Math.min(Math.PI / 2, Math.max(-Math.PI / 2, this.pitch + up));
  }

  // What is under the pointer stays there.
  zoomAbout(x, y, factor) {
    const zoom = Math.min(CLOSEST, Math.max(WIDEST, this.zoom * factor));
    const by = (1 / this.zoom - 1 / zoom) / this.unit;
    this.x += (x - this.width / 2) * by;
    this.y += (y - this.height / 2) * by;
    this.zoom = zoom;
  }

  // All points into `scene`: X, Y in device pixels (`scale` of them a CSS pixel); of a solid map also Z, 0 near to 1
  // far, and the order from far to near.
  project({ data, shape: [n] }, scene, scale) {
    if (!this.flat) return this.projectSolid(data, n, scene, scale);
    const { X, Y } = scene;
    const by = (this.unit * this.zoom * scale) / this.half;
    const left = (this.width / 2) * scale - (this.middle[0] + this.x * this.half) * by;
    const top = (this.height / 2) * scale + (this.middle[1] - this.y * this.half) * by;
    for (let i = 0; i < n; i++) {
      X[i] = left + data[2 * i] * by;
      Y[i] = top - data[2 * i + 1] * by;
    }
  }

  projectSolid(data, n, scene, scale) {
    const { X, Y, Z } = scene;
    const { right, up, away } = eyeOf(this.yaw, this.pitch);
    const [[rx, ry], [ux, uy, uz], [ax, ay, az]] = [right, up, away];
    const [[mx, my, mz], shrink] = [this.middle, 1 / this.half];
    const by = this.unit * this.zoom * scale;
    const [left, top] = [(this.width / 2) * scale - this.x * by, (this.height / 2) * scale - this.y * by];
    for (let i = 0, from = 0; i < n; i++, from += 3) {
      const x = (data[from] - mx) * shrink;
      const y = (data[from + 1] - my) * shrink;
      const z = (data[from + 2] - mz) * shrink;
      const depth = ax * x + ay * y + az * z;
      const near = (by * DISTANCE) / (DISTANCE + depth);
      X[i] = left + (rx * x + ry * y) * near;
      Y[i] = top - (ux * x + uy * y + uz * z) * near;
      Z[i] = Math.min(1, Math.max(0, (depth + 1) / 2));
    }
    scene.order = sorted(Z, n, scene.order);
  }
}

// Rows from far to near: a counting sort.
function sorted(Z, n, order) {
  const out = order?.length === n ? order : new Int32Array(n);
  const count = new Int32Array(DEPTHS + 1);
  const last = DEPTHS - 1;
  for (let i = 0; i < n; i++) count[(last - Z[i] * last | 0) + 1]++;
  for (let k = 0; k < DEPTHS; k++) count[k + 1] += count[k];
  for (let i = 0; i < n; i++) out[count[last - Z[i] * last | 0]++] = i;
  return out;
}

const CELL = 16; // pixels

// Finds the point under a pointer: the places on the screen, sorted into cells. All in the pixels of X and Y.
class Finder {
  constructor({ X, Y, level, count }, width, height, shown) {
    Object.assign(this, { X, Y, across: Math.ceil(width / CELL), down: Math.ceil(height / CELL) });
    const cells = new Int32Array(count).fill(-1);
    this.first = new Int32Array(this.across * this.down + 1);
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const [x, y] = [X[i], Y[i]];
      if (level[i] < shown || !(x >= 0 && y >= 0 && x < width && y < height)) continue;
      cells[i] = Math.floor(y / CELL) * this.across + Math.floor(x / CELL);
      this.first[cells[i] + 1]++;
      kept++;
    }
    for (let k = 0; k < this.first.length - 1; k++) this.first[k + 1] += this.first[k];
    this.rows = new Int32Array(kept);
    const next = this.first.slice();
    for (let i = 0; i < count; i++) if (cells[i] >= 0) this.rows[next[cells[i]]++] = i;
  }

  // The nearest row at most `reach` away, or null.
  nearest(x, y, reach) {
    let [best, least] = [null, reach * reach];
    const clip = (v, most) => Math.min(most - 1, Math.max(0, Math.floor(v / CELL)));
    for (let r = clip(y - reach, this.down); r <= clip(y + reach, this.down); r++) {
      const [from, to] = [clip(x - reach, this.across), clip(x + reach, this.across)].map((c) => r * this.across + c);
      for (let k = this.first[from]; k < this.first[to + 1]; k++) {
        const i = this.rows[k];
        const apart = (this.X[i] - x) ** 2 + (this.Y[i] - y) ** 2;
        if (apart <= least) [best, least] = [i, apart];
      }
    }
    return best;
  }
}
