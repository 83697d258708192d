// How a map is drawn: the points as pixels, and over them, on a canvas of its own, whatever follows the hand.

const MOST_TALL = 0.66; // of the window
const SETTLE = 140; // milliseconds after the last movement
const FAINT = 0.22; // how much of a dimmed point is left
const SOLID = 0.85; // how much of any other one covers what lies below
const LAYERS = 6; // sizes of dots by depth
const MEASURED = ["pca", "own"]; // methods whose axes have numbers that mean something
const RING = 4; // pixels between a dot and its ring

Object.assign(CodeMap.prototype, {
  // The view moves: while it does nobody is told what lies under the pointer.
  move() {
    this.moving = true;
    clearTimeout(this.settling);
    this.settling = setTimeout(() => { this.moving = false; }, SETTLE);
    this.paint();
  },

  // At most one drawing a frame, however often the hand moves.
  paint() {
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => { this.due = false; this.draw(); });
  },

  measure() {
    const width = this.stage.clientWidth;
    if (!width) return null;
    const tall = this.data?.height ?? Math.max(220, Math.min(width * 0.78, window.innerHeight * MOST_TALL));
    return { width, height: Math.round(tall), scale: window.devicePixelRatio || 1 };
  },

  draw() {
    const size = this.measure();
    if (!size || !this.at || !this.camera.box) return;
    const { width, height, scale } = size;
    const theme = (this.theme = css(this.root));
    this.root.style.colorScheme = theme.dark ? "dark" : "light";
    const { ground, raster, camera, scene } = this;
    const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
    if (ground.width !== w || ground.height !== h) {
      Object.assign(ground, { width: w, height: h });
      ground.style.height = `${height}px`;
    }
    const started = performance.now();
    camera.fit(width, height);
    raster.fit(w, h);
    raster.clear(theme.paper);
    scene.Z = camera.flat ? null : scene.depths;
    scene.order = camera.flat ? null : scene.order;
    camera.project(this.at, scene, scale);
    this.drawFrame(theme, scale);
    this.drawPoints(theme, width, height, scale);
    raster.put(ground.getContext("2d"));
    this.root.dataset.cost = (performance.now() - started).toFixed(1);
    this.root.dataset.drawn = String(Number(this.root.dataset.drawn ?? 0) + 1);
    this.root.dataset.zoom = camera.zoom.toFixed(3);
    this.found = null;
    this.overlay();
    this.tell("view");
  },

  // A dot's radius in CSS pixels: as many as there is room for, and larger from nearby.
  radius(width, height) {
    const first = Math.min(4.5, Math.max(1.3, 0.3 * Math.sqrt((width * height) / this.count)));
    return Math.min(9, first * this.camera.zoom ** 0.35);
  },

  // An image's width in CSS pixels.
  span(width, height) {
    const room = 1.25 * Math.sqrt((width * height) / this.count);
    return Math.min(2.5 * this.sheets.w, Math.max(8, Math.min(26, room) * this.camera.zoom ** 0.8), 84);
  },

  drawPoints(theme, width, height, scale) {
    const { raster, scene } = this;
    const { pixels } = this.legend.table(theme, this.data.colours);
    const all = { ...scene, tint: this.tint, level: this.level, count: this.count };
    if (this.asImages && this.sheets.known) {
      const size = this.span(width, height) * scale;
      if (this.dimmed) raster.images(all, DIM, pixels, this.sheets, size, FAINT);
      raster.images(all, FULL, pixels, this.sheets, size, 1);
      return;
    }
    const radius = this.radius(width, height) * scale;
    const sizes = scene.Z ? Array.from({ length: LAYERS }, (_, k) => radius * (1.25 - (0.5 * k) / (LAYERS - 1))) : [radius];
    const solid = sizes.map((_, k) => SOLID * (scene.Z ? 1 - (0.5 * k) / (LAYERS - 1) : 1));
    if (this.dimmed) raster.discs(all, DIM, pixels, sizes.map((size) => size * 0.85), solid.map((alpha) => alpha * FAINT));
    raster.discs(all, FULL, pixels, sizes, solid);
  },

  // Lines below the points: where axes have numbers a quiet grid, in space the edges of a box.
  drawFrame(theme, scale) {
    const { raster, camera } = this;
    const colour = pixelOf(theme.border.length === 7 ? theme.border : theme.dark ? "#444444" : "#dddddd");
    this.grid = [];
    if (camera.flat) {
      if (!MEASURED.includes(this.meta.request?.method)) return;
      const [[x0, y1], [x1, y0]] = [camera.under(0, 0), camera.under(camera.width, camera.height)];
      for (const [values, across] of [[ticks(x0, x1, 6), true], [ticks(y0, y1, 5), false]]) {
        for (const t of values) {
          const [x, y] = across ? camera.see(t, y0) : camera.see(x0, t);
          this.grid.push({ t, x, y, across });
          if (across) raster.line([Math.round(x * scale), 0], [Math.round(x * scale), camera.height * scale], colour, 0.6);
          else raster.line([0, Math.round(y * scale)], [camera.width * scale, Math.round(y * scale)], colour, 0.6);
        }
      }
      return;
    }
    const corner = (bits) => camera.see(...camera.box.map((range, k) => range[(bits >> k) & 1])).map((v) => v * scale);
    for (let bits = 0; bits < 8; bits++) {
      for (const axis of [1, 2, 4]) if (!(bits & axis)) raster.line(corner(bits), corner(bits | axis), colour, 0.8);
    }
  },

  // -- over the points --------------------------------------------------------------------------------------------

  overlay() {
    if (!this.at || !this.camera.width || !this.theme) return;
    const area = surface(this.marked, this.camera.height / this.camera.width);
    if (!area) return;
    this.drawNames(area, this.theme);
    this.drawMarks(area, this.theme);
    if (this.path?.length > 1) this.drawPath(area, this.theme);
  },

  drawNames({ context, width, height }, theme) {
    const { camera, grid } = this;
    const write = haloed(context, theme);
    context.font = `600 12px ${theme.font}`;
    // Where there is no room for it, what stands in brackets is left out.
    const short = (name, most) => (context.measureText(name).width > most ? name.replace(/ \(.*\)$/, "") : name);
    const names = (this.meta.axes ?? []).map((name, k) => short(name, 0.55 * (k ? height : width)));
    const room = context.measureText(`${names[0]} →`).width + 30;
    context.font = `11px ${theme.font}`;
    context.globalAlpha = 0.7;
    for (const { t, x, y, across } of grid) {
      context.textAlign = across ? "center" : "left";
      const text = String(t).replace("-", "−");
      if (across && x > 40 && x < width - room) write(text, x, height - 6);
      if (!across && y > 14 && y < height - 24) write(text, 6, y - 4);
    }
    context.font = `600 12px ${theme.font}`;
    if (!camera.flat) this.nameEdges(context, theme);
    else if (names.length > 1) {
      context.textAlign = "right";
      write(`${names[0]} →`, width - 8, height - 8);
      context.save();
      context.translate(grid.length ? 44 : 16, 10); // beside the numbers of the axis
      context.rotate(-Math.PI / 2);
      write(`${names[1]} →`, 0, 0);
      context.restore();
    }
    context.globalAlpha = 1;
  },

  // The names at those edges of the box that lie outside.
  nameEdges(context, theme) {
    const { camera } = this;
    const { away } = eyeOf(camera.yaw, camera.pitch);
    const far = camera.box.map(([low, high], k) => (away[k] > 0 ? high : low));
    const near = camera.box.map(([low, high], k) => (away[k] > 0 ? low : high));
    const at = (place) => camera.see(...place);
    (this.meta.axes ?? []).slice(0, 3).forEach((name, k) => {
      labelEdge(context, { k, range: camera.box[k], far, near, at, marks: [], name, theme });
    });
  },

  drawMarks(area, theme) {
    const { context } = area;
    const { focus, near, extra } = this.marks;
    const radius = this.asImages ? this.span(area.width, area.height) / 2 : this.radius(area.width, area.height);
    const ring = (x, y, reach, colour, wide) => {
      for (const [style, line] of [[theme.paper, wide + 2], [colour, wide]]) {
        Object.assign(context, { strokeStyle: style, lineWidth: line });
        context.beginPath();
        context.arc(x, y, reach, 0, 2 * Math.PI);
        context.stroke();
      }
    };
    for (const row of near) ring(...this.placeOf(row).slice(0, 2), radius + RING, theme.text, 1.5);
    for (const { at, colour, image } of extra) this.drawExtra(context, this.camera.see(...at), colour ?? theme.accent, image, ring);
    if (this.focused !== null && this.focused !== focus) ring(...this.placeOf(this.focused).slice(0, 2), radius + RING, theme.accent, 2);
    if (this.hovered !== null) ring(...this.placeOf(this.hovered).slice(0, 2), radius + RING - 1, theme.text, 1.5);
    if (focus !== null && focus < this.count) ring(...this.placeOf(focus).slice(0, 2), radius + RING + 1, theme.accent, 3);
  },

  // A point that is no row of the map: one's own drawing, a sample of a generator.
  drawExtra(context, [x, y], colour, image, ring) {
    if (image) {
      const side = 26;
      context.imageSmoothingEnabled = false;
      context.drawImage(image, x - side / 2, y - side / 2, side, side);
      Object.assign(context, { strokeStyle: colour, lineWidth: 2 });
      context.strokeRect(x - side / 2, y - side / 2, side, side);
      return;
    }
    context.fillStyle = colour;
    context.beginPath();
    context.arc(x, y, 4, 0, 2 * Math.PI);
    context.fill();
    ring(x, y, 6, colour, 1.5);
  },

  // The lasso or box that is being drawn.
  drawPath({ context }, theme) {
    context.beginPath();
    this.path.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.closePath();
    Object.assign(context, { fillStyle: theme.accent, strokeStyle: theme.accent, lineWidth: 1.5 });
    context.globalAlpha = 0.12;
    context.fill("evenodd");
    context.globalAlpha = 1;
    context.setLineDash([5, 3]);
    context.stroke();
    context.setLineDash([]);
  },
});

// Writes with a halo, so that dots do not hide the words.
const haloed = (context, theme) => {
  Object.assign(context, { lineWidth: 4, lineJoin: "round", strokeStyle: theme.paper, fillStyle: theme.text });
  return (text, x, y) => { context.strokeText(text, x, y); context.fillText(text, x, y); };
};
