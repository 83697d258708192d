// Small charts on one step axis: losses, what D gets right, how the samples cover the modes, and the way they hopped.

const CURVE_HEIGHT = 128;
const ROOM = { left: 46, right: 8, top: 8, foot: 32 };

// `lines`: [name of the scalar, its name here, its colour]; `floors` names of what the true data reach; what is
// `counted` has the unit that the run's settings give it.
const CHARTS = [
  { title: "Loss", counted: true, lines: (c) => [["train/D/loss", "D", c.discriminator], ["train/G/loss", "G", c.generated], ["train/loss", "loss", c.generated]] },
  { title: "D is right about", unit: "share", within: [0, 1], lines: (c) => [["train/D/accuracy_real", "real", c.real], ["train/D/accuracy_generated", "generated", c.generated]] },
  { title: "Modes covered", unit: "of 2,500 samples", zero: true, lines: (c) => [["samples/modes", "modes", c.generated]], floors: ["modes"] },
  { title: "Covered cells", unit: "share", within: [0, 1], lines: (c) => [["samples/cells", "cells", c.generated]], floors: ["cells"] },
  { title: "High quality", unit: "share of samples", within: [0, 1], lines: (c) => [["samples/high_quality", "within 3 σ", c.generated]], floors: ["high_quality"] },
  { title: "Distance to the truth", unit: "nats", zero: true, lines: (c) => [["samples/kl", "KL", c.discriminator], ["samples/js", "JS", c.generated]], floors: ["kl", "js"] },
  { title: "Gradient norm", unit: "of all weights", zero: true, lines: (c) => [["train/D/gradient", "D", c.discriminator], ["train/G/gradient", "G", c.generated]] },
];

// Scalars (2, n): steps over values.
const seriesOf = ({ data, shape: [, n] }) => ({ steps: data.subarray(0, n), values: data.subarray(n) });

class PlayCurves {
  constructor(view) {
    this.view = view;
    this.root = html("div", "curves");
    this.parts = CHARTS.map((chart) => ({ chart, ...this.build(chart.title + (chart.unit ? ` (${chart.unit})` : "")) }));
    this.hops = this.build("Nearest mode of the samples, over time");
    this.root.append(...this.parts.map(({ figure }) => figure), this.hops.figure);
  }

  build(title) {
    const figure = html("figure");
    figure.hidden = true;
    const caption = html("figcaption", "", title);
    const legend = html("div", "legend");
    const canvas = html("canvas");
    canvas.role = "img";
    canvas.onpointerdown = (event) => { canvas.setPointerCapture(event.pointerId); this.drag(event, canvas); };
    canvas.onpointermove = (event) => event.buttons && this.drag(event, canvas);
    figure.append(caption, canvas, legend);
    return { figure, canvas, legend, title };
  }

  drag(event, canvas) {
    const box = canvas.getBoundingClientRect();
    const share = (event.clientX - box.left - ROOM.left) / (box.width - ROOM.left - ROOM.right);
    const { clock } = this.view;
    const away = clock.stops.map((stop) => Math.abs(stop - share * this.last));
    clock.stop();
    clock.show(away.indexOf(Math.min(...away)));
  }

  // The curves anew where there are other values or another moment is shown; the ribbon with every new frame.
  paint() {
    const { frames, clock, theme } = this.view;
    if (!frames.scalars) return;
    const floors = Object.keys(this.view.floors ?? {});
    this.scalars = frames.scalars;
    // How wide one is depends on how many there are.
    for (const part of this.parts) part.figure.hidden = !this.linesOf(part).length;
    this.hops.figure.hidden = frames.seen.size < 2;
    const shown = this.parts.filter(({ figure }) => !figure.hidden).length + !this.hops.figure.hidden;
    const name = [frames.read, clock.at, this.root.clientWidth, shown, theme.text, frames.alarms, floors].join("|");
    const fresh = name !== this.painted;
    if (!fresh && frames.seen.size === this.hopped) return;
    [this.painted, this.hopped] = [name, frames.seen.size];
    this.last = Math.max(1, ...Object.values(this.scalars).map(({ data, shape: [, n] }) => data[n - 1]));
    if (fresh) for (const part of this.parts) this.chart(part);
    this.ribbon();
  }

  linesOf({ chart }) {
    return chart.lines(this.view.colours).filter(([name]) => this.scalars[name]);
  }

  chart(part) {
    const { chart, canvas, legend, title } = part;
    const { view, scalars } = this;
    const lines = this.linesOf(part).map(([name, label, colour]) => ({ ...seriesOf(scalars[name]), label, colour, unit: chart.counted && view.units[name.replace("train/", "")] }));
    if (!lines.length) return;
    const floors = (chart.floors ?? []).map((floor, k) => [view.floors?.[floor], lines[k]?.colour]).filter(([value]) => value !== undefined);
    const at = view.clock.at ?? Infinity;
    const said = lines.map((line) => [line, valueAt(line, at)]).map(([line, value]) => [`${line.label} ${Number.isFinite(value) ? Number(value.toPrecision(3)) : "–"}${line.unit ? ` ${line.unit}` : ""}`, line.colour]);
    if (floors.length) said.push([`true data ${floors.map(([value]) => Number(value.toPrecision(3))).join(", ")}`, "transparent"]);
    legend.replaceChildren(...said.map(([text, colour]) => {
      const item = html("span", "", text);
      item.style.setProperty("--dot", colour);
      return item;
    }));
    canvas.ariaLabel = `${title} over the steps: ${said.map(([text]) => text).join(", ")}`;
    const pen = this.frameOf(canvas, chart, lines, floors);
    if (pen) this.drawLines(pen, lines, floors);
  }

  // Axes of a chart; null while it is not shown.
  frameOf(canvas, chart, lines, floors) {
    const area = surface(canvas, CURVE_HEIGHT / (canvas.clientWidth || 1));
    if (!area) return null;
    const { context, width, height } = area;
    const { theme } = this.view;
    const [left, right, top, foot] = [ROOM.left, width - ROOM.right, ROOM.top, height - ROOM.foot];
    const values = lines.flatMap((line) => Array.from(line.values).filter(Number.isFinite));
    const scale = scaleOf(chart.within ?? [...values, ...floors.map(([value]) => value), ...(chart.zero ? [0] : [])], top, foot);
    context.font = `12px ${theme.font}`;
    drawRungs(context, scale, left, right, theme);
    this.drawSteps(context, { left, right, foot, height });
    return { context, x: (step) => left + (step / this.last) * (right - left), y: scale.y, left, right, top, foot };
  }

  drawSteps(context, { left, right, foot, height }) {
    const { theme } = this.view;
    context.font = `12px ${theme.font}`;
    context.fillStyle = theme.text;
    context.globalAlpha = 0.8;
    context.textAlign = "center";
    for (const step of ticks(0, this.last, 4)) {
      const x = left + (step / this.last) * (right - left);
      if (x < right - 14) context.fillText(step >= 1000 ? `${step / 1000}k` : String(step), x, foot + 14);
    }
    context.fillText("step", (left + right) / 2, height - 4);
    context.globalAlpha = 1;
  }

  drawLines(pen, lines, floors) {
    const { context, x, y, left, right } = pen;
    context.lineWidth = 1.4;
    context.setLineDash([4, 4]);
    context.globalAlpha = 0.75;
    for (const [value, colour] of floors) {
      context.strokeStyle = colour;
      context.beginPath();
      context.moveTo(left, y(value));
      context.lineTo(right, y(value));
      context.stroke();
    }
    context.setLineDash([]);
    context.globalAlpha = 0.95;
    for (const { steps, values, colour } of lines) {
      context.strokeStyle = colour;
      context.beginPath();
      let open = false;
      steps.forEach((step, k) => {
        const value = values[k];
        if (Number.isFinite(value)) context[open ? "lineTo" : "moveTo"](x(step), y(value));
        open = Number.isFinite(value);
      });
      context.stroke();
    }
    this.drawMoments(pen);
  }

  // The alarms, and the moment that is shown.
  drawMoments({ context, x, top, foot }) {
    const { frames, clock, colours, theme } = this.view;
    const upright = (step, colour, width) => {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.beginPath();
      context.moveTo(x(step), top);
      context.lineTo(x(step), foot);
      context.stroke();
    };
    context.globalAlpha = 0.5;
    for (const step of frames.alarms) upright(step, colours.alarm, 1);
    context.globalAlpha = 1;
    if (clock.at !== null) upright(clock.at, theme.accent, 2);
  }

  // Mode over time: the darker, the more samples were there.
  ribbon() {
    const { frames, colours, theme } = this.view;
    const steps = [...frames.seen.keys()].sort((a, b) => a - b);
    const { canvas } = this.hops;
    if (steps.length < 2) return;
    const area = surface(canvas, CURVE_HEIGHT / (canvas.clientWidth || 1));
    if (!area) return;
    const { context, width, height } = area;
    const [left, right, top, foot] = [ROOM.left, width - ROOM.right, ROOM.top, height - ROOM.foot];
    const k = frames.seen.get(steps[0]).length;
    const row = (foot - top) / k;
    const x = (step) => left + (step / this.last) * (right - left);
    context.fillStyle = colours.generated;
    steps.forEach((step, i) => {
      const counts = frames.seen.get(step);
      const most = counts.reduce((sum, count) => sum + count, 0) || 1;
      const [from, to] = [x(step), i + 1 < steps.length ? x(steps[i + 1]) : right];
      for (let mode = 0; mode < k; mode++) {
        if (!counts[mode]) continue;
        context.globalAlpha = Math.min(1, 0.12 + 0.88 * (counts[mode] / most));
        context.fillRect(from, foot - (mode + 1) * row, Math.max(to - from, 0.5), Math.max(row - 0.5, 0.5));
      }
    });
    context.globalAlpha = 1;
    this.drawSteps(context, { left, right, foot, height });
    context.fillStyle = theme.text;
    context.textAlign = "right";
    for (const mode of [1, k]) context.fillText(String(mode), left - 6, foot - (mode - 0.5) * row + 4);
    context.textAlign = "left";
    context.fillText("mode", 2, (top + foot) / 2 + 4);
    canvas.ariaLabel = `Each mode's share of the samples at ${steps.length} moments of the training`;
    this.drawMoments({ context, x, top, foot });
  }
}
