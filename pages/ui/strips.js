// Curves over the training with the clock's moment as a cursor; dragging in them moves the clock.

const SIGMA = "mean σ";
const UNITS = { [SIGMA]: "code units", kl: "nats per example" }; // of other terms the run's settings decide
const HEIGHT = 130;
const EDGE = { left: 56, right: 10, top: 8, bottom: 34 };
const WIDE_RANGE = 30; // a curve that spans more than this ratio is drawn on a logarithmic axis

const MEAN_SIGMAS = new WeakMap(); // by the array of log-variances

// The standard deviations of q(z|x), averaged over all probe codes and units of one snapshot.
function meanSigma(frame) {
  if (!frame?.log_var) return NaN;
  const { data } = frame.log_var;
  if (!MEAN_SIGMAS.has(data)) MEAN_SIGMAS.set(data, data.reduce((sum, value) => sum + Math.exp(value / 2), 0) / data.length);
  return MEAN_SIGMAS.get(data);
}

// Time runs as the slider does, early steps wide: the share of the way to the last moment, both on a log scale.
const early = (value, most, scale) => Math.log1p(value * scale) / Math.log1p(most * scale);

class Strip {
  constructor(clock, wanted, first) {
    this.clock = clock;
    this.wanted = wanted; // the terms to begin with, the first that there is
    this.first = first; // the first strip shows something else where there is none of them
    this.root = html("div", "strip");
    this.choice = html("select", "small");
    this.choice.ariaLabel = "Which curve";
    this.choice.onchange = () => { this.picked = true; this.chosen = this.choice.value; clock.tell(); };
    this.legend = html("div", "legend");
    const head = html("div", "striphead");
    head.append(this.choice, this.legend);
    this.canvas = html("canvas");
    this.canvas.role = "img";
    this.canvas.onpointerdown = (event) => { this.canvas.setPointerCapture(event.pointerId); this.drag(event); };
    this.canvas.onpointermove = (event) => event.buttons && this.drag(event);
    this.root.append(head, this.canvas);
    // A neighbour that comes later takes half of the width.
    new ResizeObserver(() => this.canvas.clientWidth !== this.painted && clock.tell()).observe(this.canvas);
  }

  drag(event) {
    const box = this.canvas.getBoundingClientRect();
    const share = (event.clientX - box.left - EDGE.left) / (box.width - EDGE.left - EDGE.right);
    const away = this.clock.stops.map((stop) => Math.abs(this.across(stop) - share));
    this.clock.stop();
    this.clock.show(away.indexOf(Math.min(...away)));
  }

  across(moment) {
    return this.clock.by === "step" ? early(moment, this.last, 1) : early(moment, 1, 1000);
  }

  // Curves [{ steps, values, frames, dashed }] of the chosen term: of one run its training and its validation.
  curvesOf(frames) {
    if (this.chosen === SIGMA) {
      const seen = frames.steps.map((step) => frames.at(step)).filter((frame) => frame?.log_var);
      const { live } = frames;
      if (live?.log_var && live.step > (seen.at(-1)?.step ?? -1)) seen.push(live);
      return seen.length ? [{ frames, steps: seen.map(({ step }) => step), values: seen.map(meanSigma) }] : [];
    }
    return ["train", "validation"].filter((part) => frames.scalars?.[`${part}/${this.chosen}`]).map((part) => {
      const { data, shape } = frames.scalars[`${part}/${this.chosen}`];
      return { frames, steps: data.subarray(0, shape[1]), values: data.subarray(shape[1]), part, dashed: part === "validation" };
    });
  }

  // `lines` are { frames, name, colour }, one a run.
  paint(lines, theme) {
    this.offer(lines);
    this.root.hidden = !this.chosen;
    if (!this.chosen) return;
    this.last = Math.max(1, ...lines.map(({ frames }) => frames.total));
    this.newest = Math.max(0, ...lines.map(({ frames }) => frames.step ?? 0));
    const curves = lines.flatMap((line) => this.curvesOf(line.frames).map((curve) => ({ ...curve, line })));
    this.tell(lines, curves);
    this.painted = this.canvas.clientWidth;
    const area = surface(this.canvas, HEIGHT / (this.painted || 1));
    if (area) this.draw(area, curves, theme);
  }

  offer(lines) {
    const names = new Set();
    for (const { frames } of lines) {
      for (const name of Object.keys(frames.scalars ?? {})) {
        const [part, ...term] = name.split("/");
        if (part === "train" || part === "validation") names.add(term.join("/"));
      }
    }
    const offered = [...names].sort((a, b) => (b === "loss") - (a === "loss") || b.endsWith("/loss") - a.endsWith("/loss"));
    if (lines.some(({ frames }) => frames.live?.log_var || frames.at(frames.steps.at(-1))?.log_var)) offered.push(SIGMA);
    if (offered.join() !== this.offered) {
      this.offered = offered.join();
      this.choice.replaceChildren(...offered.map((name) => Object.assign(html("option", "", name.replaceAll("_", " ").replace("/", " ") + (UNITS[name] ? ` (${UNITS[name]})` : "")), { value: name })));
      if (!this.picked) this.chosen = this.wanted.find((name) => offered.includes(name)) ?? (this.first ? offered[0] : null);
    }
    if (this.chosen) this.choice.value = this.chosen;
  }

  // The legend holds each curve's value at the cursor.
  tell(lines, curves) {
    const items = lines.map((line) => {
      const parts = curves.filter((curve) => curve.line === line).map((curve) => {
        const value = valueAt(curve, this.clock.stepOf(line.frames) ?? Infinity);
        return Number.isFinite(value) ? `${curve.part && curves.some((c) => c.dashed) ? `${curve.part} ` : ""}${Number(value.toPrecision(4))}` : "";
      });
      return [line, parts.filter(Boolean).join(" · ") || "–"];
    });
    const text = items.map(([line, said]) => `${line.name}: ${said}`).join("; ");
    if (text === this.told) return;
    this.told = text;
    this.canvas.ariaLabel = `${this.chosen} over the training. ${text}`;
    this.legend.replaceChildren(...items.map(([line, said]) => {
      const item = html("span", "", `${line.name ? `${line.name}: ` : ""}${said}`);
      item.style.setProperty("--dot", line.colour);
      return item;
    }));
  }

  draw({ context, width, height }, curves, theme) {
    const [left, right, top, foot] = [EDGE.left, width - EDGE.right, EDGE.top, height - EDGE.bottom];
    const values = curves.flatMap(({ values }) => Array.from(values).filter(Number.isFinite));
    const x = (moment) => left + this.across(moment) * (right - left);
    context.font = `13px ${theme.font}`;
    if (values.length) {
      const scale = scaleOf(values, top, foot);
      drawRungs(context, scale, left, right, theme);
      for (const curve of curves) this.line(context, curve, x, scale.y);
    }
    context.fillStyle = theme.text;
    context.globalAlpha = 0.8;
    context.textAlign = "center";
    for (const [moment, label] of this.marks()) if (x(moment) < right - 12) context.fillText(label, x(moment), foot + 15);
    context.fillText(this.clock.by === "step" ? "step" : "share of the training", (left + right) / 2, height - 3);
    context.globalAlpha = 1;
    const at = x(this.clock.at ?? (this.clock.by === "step" ? this.newest : 1));
    context.strokeStyle = theme.accent;
    context.lineWidth = 2;
    context.beginPath();
    context.moveTo(at, top);
    context.lineTo(at, foot);
    context.stroke();
  }

  marks() {
    if (this.clock.by === "share") return [[0.001, "0.1 %"], [0.01, "1 %"], [0.1, "10 %"], [0.5, "50 %"]];
    const powers = Array.from({ length: 8 }, (_, k) => 10 ** k).filter((step) => step <= this.last);
    return [[0, "0"], ...powers.map((step) => [step, step.toLocaleString("en")])];
  }

  line(context, curve, x, y) {
    context.strokeStyle = curve.line.colour;
    context.lineWidth = 2;
    context.setLineDash(curve.dashed ? [2, 3] : []);
    context.beginPath();
    let open = false;
    curve.steps.forEach((step, k) => {
      const value = curve.values[k];
      if (Number.isFinite(value)) context[open ? "lineTo" : "moveTo"](x(this.clock.moment(curve.frames, step)), y(value));
      open = Number.isFinite(value);
    });
    context.stroke();
    context.setLineDash([]);
  }
}

// The last value not later than a step; none where all are later.
function valueAt({ steps, values }, step) {
  let found = -1;
  while (found + 1 < steps.length && steps[found + 1] <= step) found++;
  return values[found] ?? NaN;
}

// From values to heights between foot and top; logarithmic where they span much and none is zero.
function scaleOf(values, top, foot) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const log = low > 0 && high / low > WIDE_RANGE;
  const to = log ? Math.log10 : (value) => value;
  const [from, until] = [to(low), to(high) > to(low) ? to(high) : to(low) + (Math.abs(to(low)) || 1) * 0.1];
  const rungs = log
    ? ticks(Math.floor(from), Math.ceil(until), 4).filter(Number.isInteger).map((power) => 10 ** power)
    : [3, 6].map((count) => ticks(from, until, count)).find((found) => found.length > 1); // one says nothing of the scale
  const y = (value) => foot - 4 - ((to(value) - from) / (until - from)) * (foot - top - 8);
  return { y, rungs: rungs.filter((rung) => y(rung) >= top - 1 && y(rung) <= foot + 1) };
}

function drawRungs(context, { y, rungs }, left, right, theme) {
  context.strokeStyle = theme.border;
  context.fillStyle = theme.text;
  context.lineWidth = 1;
  context.textAlign = "right";
  for (const rung of rungs) {
    context.beginPath();
    context.moveTo(left, y(rung));
    context.lineTo(right, y(rung));
    context.stroke();
    context.globalAlpha = 0.8;
    context.fillText(rung >= 10000 ? `${rung / 1000}k` : String(Number(rung.toPrecision(3))), left - 6, y(rung) + 4);
    context.globalAlpha = 1;
  }
}
