// The playground's picture: its points and its manifold glide from frame to frame, sixty times a second.

const GLIDING = ["samples", "manifold", "surface"];
const [SLOWEST, QUICKEST, DRAGGED] = [450, 90, 140]; // milliseconds of a glide
const MOST_SCALE = 2; // device pixels a pixel: more cannot be seen, and costs

class PlayCanvas {
  constructor(view) {
    this.view = view;
    this.canvas = html("canvas", "scene");
    this.canvas.role = "img";
    this.tile = document.createElement("canvas");
    this.still = document.createElement("canvas"); // axes and real points, drawn once
    this.now = {}; // by layer: what is seen at this moment, Float32Array
    this.from = {};
    this.goal = {};
    this.begin = 0;
    this.lasts = 1;
  }

  // Glide to `frame` within `milliseconds`; what has another size than before jumps there.
  show(frame, milliseconds) {
    this.settle(performance.now());
    this.frame = frame;
    for (const layer of GLIDING) {
      const wanted = frame[layer]?.data;
      this.goal[layer] = wanted;
      if (!wanted) {
        delete this.now[layer];
        continue;
      }
      if (this.now[layer]?.length !== wanted.length) this.now[layer] = Float32Array.from(wanted);
      this.from[layer] = this.now[layer].slice();
    }
    this.begin = performance.now();
    this.lasts = calm.matches ? 1 : Math.max(QUICKEST, Math.min(SLOWEST, milliseconds));
    this.moving = true;
  }

  // Every layer at its place of this moment.
  settle(moment) {
    const share = Math.min(1, Math.max(0, (moment - this.begin) / this.lasts));
    for (const layer of GLIDING) {
      const [from, goal, now] = [this.from[layer], this.goal[layer], this.now[layer]];
      if (!goal || !now) continue;
      for (let i = 0; i < now.length; i++) now[i] = from[i] + share * (goal[i] - from[i]);
    }
    return share < 1;
  }

  // The part of data space that is seen, before it is fitted to the canvas; fixed for a run.
  box() {
    const given = this.frame.surface_box?.data;
    if (given) return [...given];
    return (this.extent ??= this.frame.x ? extentOf(this.frame.x, 0.25) : [-1.5, 1.5, -1.5, 1.5]);
  }

  // How many samples lie outside the picture, where they are shown at its edge.
  outside() {
    const [left, right, bottom, top] = this.box();
    const { data, shape: [n] } = this.frame.samples;
    let count = 0;
    for (let i = 0; i < n; i++) count += !(data[2 * i] >= left && data[2 * i] <= right && data[2 * i + 1] >= bottom && data[2 * i + 1] <= top);
    return count;
  }

  pen() {
    const { canvas, view } = this;
    const { width, height } = view.fit(this.box());
    if (!width) return null;
    const scale = Math.min(MOST_SCALE, window.devicePixelRatio || 1);
    const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== w || canvas.height !== h) {
      [canvas.width, canvas.height] = [w, h];
      canvas.style.height = `${height}px`;
    }
    const context = canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    const box = square(this.box(), width, height);
    const x = (v) => ((v - box[0]) / (box[1] - box[0])) * width;
    const y = (v) => height - ((v - box[2]) / (box[3] - box[2])) * height;
    return { context, width, height, scale, box, x, y };
  }

  // Draws this moment; true while something still moves.
  draw(moment) {
    if (!this.frame) return false;
    const { view, frame } = this;
    this.moving = this.settle(moment);
    const pen = this.pen();
    if (!pen) return this.moving;
    const on = (layer) => view.draws(layer);
    const [colours, share] = [view.colours, view.morph];
    if (on("surface") && this.now.surface) {
      surfaceTile(this.tile, this.now.surface, frame.surface.shape[0], colours);
      pen.context.globalAlpha = share; // it lies in data space
      drawSurface(pen, this.tile, this.box());
      pen.context.globalAlpha = 1;
    }
    this.drawStill(pen, on("real"));
    const latent = frame.manifold_z ?? frame.turn_z;
    const lens = latent ? lensOf(latent, this.box()) : null;
    if (frame.stage && frame.turn_z) return drawTurn(pen, frame, lens, (moment - this.begin) / 1000, view) || this.moving;
    if (on("manifold") && this.now.manifold) this.drawWarp(pen, lens, share);
    if (!this.now.samples) return this.moving;
    const places = this.placesOf("noise", this.now.samples, lens, share);
    if (on("push") && frame.push && share >= 1) {
      const [left, right] = this.box();
      drawPush(pen, places, frame.push, (right - left) / 2, view.theme.text);
    }
    const radius = view.small ? 2 : 2.8;
    if (on("generated")) drawDots(pen, places, places.length / 2, colours.generated, radius, 0.85);
    if (view.leader) drawLeader(pen, view.leader, view.theme.text);
    return this.moving;
  }

  // Samples or grid on their way from the latent space; where that is not known they are in data space.
  placesOf(latent, at, lens, share) {
    const z = this.frame[latent];
    if (!z || !lens || share >= 1 || z.shape[0] * 2 !== at.length) return at;
    const out = ((this.morphs ??= {})[latent] ??= new Float32Array(at.length));
    return morphed(z, at, share, lens, out);
  }

  drawWarp(pen, lens, share) {
    const places = this.placesOf("manifold_z", this.now.manifold, lens, share);
    const n = places.length / 2;
    const { colours } = this.view;
    const side = Math.round(Math.sqrt(n));
    const flat = (this.frame.manifold_z?.shape[1] ?? 2) > 1 && side * side === n;
    if (flat) drawManifold(pen, places, side, colours.generated);
    else drawThread(pen, places, n, colours.generated);
  }

  // Axes and real points change only with the size, the theme and the data.
  drawStill({ context, width, height, scale, box }, real) {
    const { view, frame, still } = this;
    const name = [width, height, scale, box, real, view.theme.text, view.colours.real, frame.x?.shape].join();
    if (name !== this.stillName || this.stillOf !== frame.x) {
      [this.stillName, this.stillOf] = [name, frame.x];
      [still.width, still.height] = [Math.round(width * scale), Math.round(height * scale)];
      const under = still.getContext("2d");
      under.setTransform(scale, 0, 0, scale, 0, 0);
      const { x, y } = drawAxes({ context: under, width, height }, box, view.theme);
      const points = frame.x;
      if (real && points) drawDots({ context: under, x, y, scale, width, height }, points.data, points.shape[0], view.colours.real, view.small ? 1.8 : 2.3, 0.6);
    }
    context.drawImage(still, 0, 0, width, height);
  }
}
