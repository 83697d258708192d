// Points, lines and surfaces in space on a flat canvas: turned, put in perspective, drawn from far to near.

const DISTANCE = 4.5; // of the eye from the middle, in half diagonals of the box
const SHADES = 16;
const BUCKETS = 2048; // depths that are told apart when sorting
const [DOT, LINE, PATCH] = [1, 2, 4]; // corners of each kind of part

const mixed = (colour, light) => {
  const channels = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
  return `rgb(${channels.map((c) => Math.round(Math.min(255, c * light))).join()})`;
};

// A dot. Small ones are two crossed bars, which look round and cost half of a circle: there are thousands of them.
function drawDot(context, x, y, size, colour) {
  context.fillStyle = colour;
  if (size < 2.6) {
    context.fillRect(x - size, y - size / 2, 2 * size, size);
    context.fillRect(x - size / 2, y - size, size, 2 * size);
    return;
  }
  context.beginPath();
  context.arc(x, y, size, 0, 7);
  context.fill();
}

// Low and high of each axis over the layers, in a cube's proportions: a unit is as long everywhere.
function boxOf(layers, dimensions, margin = 0.06) {
  const ranges = Array.from({ length: dimensions }, () => [Infinity, -Infinity]);
  for (const { data } of layers) {
    for (let i = 0; i < data.length; i++) {
      const range = ranges[i % dimensions];
      if (data[i] < range[0]) range[0] = data[i];
      if (data[i] > range[1]) range[1] = data[i];
    }
  }
  return ranges.map(([low, high]) => {
    if (!(high > low)) return [(Number.isFinite(low) ? low : 0) - 1, (Number.isFinite(low) ? low : 0) + 1];
    const pad = (high - low) * margin;
    return [low - pad, high + pad];
  });
}

// Everything that the visible layers consist of: corners in a space of half diagonal 1, and parts that refer to them.
function partsOf(layers, box) {
  const middle = box.map(([low, high]) => (low + high) / 2);
  const half = Math.hypot(...box.map(([low, high]) => (high - low) / 2));
  const [corners, parts] = [[], []];
  for (const layer of layers) {
    const start = corners.length / 3;
    for (let i = 0; i < layer.data.length; i++) corners.push((layer.data[i] - middle[i % 3]) / half);
    const add = (kind, refs, k) => parts.push({ kind, refs: refs.map((r) => start + r), layer, k, normal: null });
    const n = layer.data.length / 3;
    if (layer.kind === "points") for (let i = 0; i < n; i++) add(DOT, [i], i);
    if (layer.kind === "curve") for (let i = 1; i < n; i++) add(LINE, [i - 1, i], i);
    if (layer.kind === "links") for (let i = 0; i < n; i += 2) add(LINE, [i, i + 1], i);
    if (layer.kind === "surface") {
      const [rows, columns] = layer.shape;
      for (let r = 1; r < rows; r++) {
        for (let c = 1; c < columns; c++) {
          const at = r * columns + c;
          add(PATCH, [at - columns - 1, at - columns, at, at - 1], at);
        }
      }
    }
  }
  const scene = { corners: Float32Array.from(corners), parts, middle, half, box };
  for (const part of parts) if (part.kind === PATCH) part.normal = normalOf(scene.corners, part.refs);
  return scene;
}

// The unit normal of a patch from its two diagonals.
function normalOf(corners, [a, b, c, d]) {
  const side = (from, to) => [0, 1, 2].map((k) => corners[3 * to + k] - corners[3 * from + k]);
  const [p, q] = [side(a, c), side(b, d)];
  const n = [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]];
  const length = Math.hypot(...n) || 1;
  return n.map((v) => v / length);
}

// The eye: `yaw` turns about the upright axis, `pitch` lifts it; both in radians.
function eyeOf(yaw, pitch) {
  const [s, c, u, v] = [Math.sin(yaw), Math.cos(yaw), Math.sin(pitch), Math.cos(pitch)];
  return { right: [c, -s, 0], up: [s * u, c * u, v], away: [s * v, c * v, -u] };
}

const along = (axis, x, y, z) => axis[0] * x + axis[1] * y + axis[2] * z;

// From a place in space to [x, y, depth]: the middle is 0, 0 and y points down.
function seenFrom(eye) {
  return (x, y, z) => {
    const depth = along(eye.away, x, y, z);
    const near = DISTANCE / (DISTANCE + depth);
    return [along(eye.right, x, y, z) * near, -along(eye.up, x, y, z) * near, depth];
  };
}

// Pixels a unit so that the box fits this canvas however it is turned about its upright axis; room for labels is left.
function unitOf({ box, middle, half }, pitch, width, height) {
  let [wide, tall] = [0, 0];
  for (let turn = 0; turn < 24; turn++) {
    const look = seenFrom(eyeOf((turn * Math.PI) / 12, pitch));
    for (let corner = 0; corner < 8; corner++) {
      const [x, y] = look(...box.map((range, k) => (range[(corner >> k) & 1] - middle[k]) / half));
      [wide, tall] = [Math.max(wide, Math.abs(x)), Math.max(tall, Math.abs(y))];
    }
  }
  return Math.min((width / 2 - 26) / wide, (height / 2 - 40) / tall);
}

function lensOf(scene, eye, { pitch, zoom }, width, height) {
  const look = seenFrom(eye);
  const unit = unitOf(scene, pitch, width, height) * zoom;
  return (x, y, z) => {
    const [right, down, depth] = look(x, y, z);
    return [width / 2 + right * unit, height / 2 + down * unit, depth];
  };
}

// The three far walls of the box with their grids, and numbers along three of its outer edges.
function drawBox(context, scene, eye, lens, theme, axes) {
  const { box, middle, half } = scene;
  const at = (place) => lens(...place.map((v, k) => (v - middle[k]) / half));
  const far = box.map(([low, high], k) => (eye.away[k] > 0 ? high : low));
  const near = box.map(([low, high], k) => (eye.away[k] > 0 ? low : high));
  const longest = Math.max(...box.map(([low, high]) => high - low));
  const marks = box.map(([low, high]) => ticks(low, high, Math.max(2, Math.round((5 * (high - low)) / longest))));
  const line = (from, to, alpha) => {
    const [a, b] = [at(from), at(to)];
    context.globalAlpha = alpha;
    context.beginPath();
    context.moveTo(a[0], a[1]);
    context.lineTo(b[0], b[1]);
    context.stroke();
  };
  context.strokeStyle = theme.border;
  context.lineWidth = 1;
  for (const wall of [0, 1, 2]) {
    for (const [i, j] of [[(wall + 1) % 3, (wall + 2) % 3], [(wall + 2) % 3, (wall + 1) % 3]]) {
      for (const t of [box[i][0], ...marks[i], box[i][1]]) {
        const [from, to] = [[...far], [...far]];
        from[i] = to[i] = t;
        [from[j], to[j]] = box[j];
        line(from, to, marks[i].includes(t) ? 0.7 : 1);
      }
    }
  }
  box.forEach((range, k) => labelEdge(context, { k, range, far, near, at, marks: marks[k], name: axes[k], theme }));
  context.globalAlpha = 1;
}

// Numbers and name stand at an edge on the outline: the lowest for the axes that lie, the leftmost for the upright one.
function labelEdge(context, { k, range, far, near, at, marks, name, theme }) {
  const [i, j] = [(k + 1) % 3, (k + 2) % 3];
  const place = (t, one, other) => {
    const p = [0, 0, 0];
    p[k] = t; p[i] = one[i]; p[j] = other[j];
    return at(p);
  };
  const centre = (range[0] + range[1]) / 2;
  const edges = [[far, near], [near, far]].map((edge) => ({ edge, at: place(centre, ...edge) }));
  edges.sort((a, b) => (k === 2 ? a.at[0] - b.at[0] : b.at[1] - a.at[1]));
  const { edge, at: mid } = edges[0];
  const inside = at([0, 1, 2].map((axis) => (far[axis] + near[axis]) / 2));
  const [dx, dy] = [mid[0] - inside[0], mid[1] - inside[1]];
  const length = Math.hypot(dx, dy) || 1;
  const [ox, oy] = [dx / length, dy / length];
  context.fillStyle = theme.text;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.globalAlpha = 0.75;
  context.font = `12px ${theme.font}`;
  for (const t of marks) {
    const [x, y] = place(t, ...edge);
    context.fillText(String(t), x + 15 * ox, y + 13 * oy);
  }
  context.globalAlpha = 1;
  context.font = `600 14px ${theme.font}`;
  context.fillText(name, mid[0] + 36 * ox, mid[1] + 30 * oy);
  context.textBaseline = "alphabetic";
}

// Indices of the parts from far to near: a counting sort, since a comparison sort would take as long as the drawing.
function farToNear(depths) {
  const [count, order] = [new Int32Array(BUCKETS + 1), new Int32Array(depths.length)];
  const bucket = (d) => BUCKETS - 1 - Math.min(BUCKETS - 1, Math.max(0, Math.floor((d / 2.4 + 0.5) * BUCKETS)));
  for (const d of depths) count[bucket(d) + 1]++;
  for (let i = 0; i < BUCKETS; i++) count[i + 1] += count[i];
  depths.forEach((d, i) => { order[count[bucket(d)]++] = i; });
  return order;
}

function drawSolid({ context, width, height }, scene, view, theme, axes) {
  const eye = eyeOf(view.yaw, view.pitch);
  const lens = lensOf(scene, eye, view, width, height);
  drawBox(context, scene, eye, lens, theme, axes);
  const { corners, parts } = scene;
  const seen = new Float32Array(corners.length);
  for (let i = 0; i < corners.length; i += 3) seen.set(lens(corners[i], corners[i + 1], corners[i + 2]), i);
  const depths = Float32Array.from(parts, ({ refs }) => refs.reduce((sum, r) => sum + seen[3 * r + 2], 0) / refs.length);
  context.lineJoin = "round";
  for (const i of farToNear(depths)) drawPart(context, parts[i], seen, depths[i], eye);
  context.globalAlpha = 1;
}

function drawPart(context, { kind, refs, layer, k, normal }, seen, depth, eye) {
  const x = (corner) => seen[3 * corner];
  const y = (corner) => seen[3 * corner + 1];
  if (!Number.isFinite(depth)) return;
  // What is farther away is paler.
  context.globalAlpha = layer.alpha * Math.min(1, Math.max(0.45, 0.8 - 0.4 * depth));
  if (kind === DOT) {
    drawDot(context, x(refs[0]), y(refs[0]), layer.size, layer.colourOf(k));
    return;
  }
  context.beginPath();
  context.moveTo(x(refs[0]), y(refs[0]));
  for (let i = 1; i < refs.length; i++) context.lineTo(x(refs[i]), y(refs[i]));
  if (kind === PATCH) {
    context.closePath();
    layer.shades ??= Array.from({ length: SHADES }, (_, s) => mixed(layer.colour, 0.6 + (0.5 * s) / (SHADES - 1)));
    context.fillStyle = layer.shades[Math.round(Math.abs(along(normal, ...eye.away)) * (SHADES - 1))];
    context.fill();
  }
  context.strokeStyle = layer.colour;
  context.lineWidth = layer.size;
  context.stroke();
}

// The same layers where there are only two axes: a plot with its grid, each layer over the one before.
function drawFlat(area, layers, box, theme) {
  const { context } = area;
  const { x, y } = drawAxes(area, square(box, area.width, area.height), theme);
  for (const layer of layers) {
    const { data, shape } = layer;
    const n = data.length / 2;
    const go = (i, pen) => context[pen](x(data[2 * i]), y(data[2 * i + 1]));
    context.globalAlpha = layer.alpha;
    context.strokeStyle = layer.colour;
    context.lineWidth = layer.size;
    context.beginPath();
    if (layer.kind === "curve") for (let i = 0; i < n; i++) go(i, i ? "lineTo" : "moveTo");
    if (layer.kind === "links") for (let i = 0; i < n; i++) go(i, i % 2 ? "lineTo" : "moveTo");
    if (layer.kind === "surface") {
      const [rows, columns] = shape;
      for (let i = 0; i < n; i++) go(i, i % columns ? "lineTo" : "moveTo");
      for (let i = 0; i < n; i++) go((i % rows) * columns + Math.floor(i / rows), i % rows ? "lineTo" : "moveTo");
    }
    if (layer.kind !== "points") context.stroke();
    else for (let i = 0; i < n; i++) drawDot(context, x(data[2 * i]), y(data[2 * i + 1]), layer.size, layer.colourOf(i));
  }
  context.globalAlpha = 1;
}
