// What stands beside a latent square: axes to choose, a slider for each, the example that was clicked.

const signed = (value) => `${value < 0 ? "−" : ""}${Math.abs(value).toFixed(2)}`;

// A row of label, slider and value for each coordinate from `first` to `last`.
class Sliders {
  constructor(host, moved) {
    Object.assign(this, { host, moved, rows: [] });
  }

  fill(plane, first, last) {
    this.first = first;
    const spread = plane.spans;
    const most = Math.max(...spread);
    this.rows = plane.names.slice(first, last).map((name, k) => {
      const axis = first + k;
      const row = part("label", "axis");
      const [low, high] = [plane.low.data[axis], plane.high.data[axis]];
      const slider = part("input", "", { type: "range", min: low, max: high, step: (high - low) / 500 });
      slider.ariaLabel = name;
      const value = part("output");
      const still = spread[axis] <= 0.01 * most ? " (still)" : "";
      const text = part("span", "", { textContent: name + still });
      if (still) text.title = "The codes of the data hardly differ here: at most 1 % of the liveliest.";
      slider.oninput = () => this.moved(axis, Number(slider.value));
      row.append(text, slider, value);
      return { row, slider, value };
    });
    this.host.replaceChildren(...this.rows.map(({ row }) => row));
  }

  set(at) {
    this.rows.forEach(({ slider, value }, k) => {
      const now = at[this.first + k];
      if (Number(slider.value) !== now) slider.value = now;
      value.textContent = signed(now);
      slider.ariaValueText = signed(now);
    });
  }
}

const KINDS = { units: "Two units", principal: "Two principal axes", images: "Through three images", classes: "From class to class" };

// Which plane: its kind, and what it goes through.
class Axes {
  constructor(host, chosen) {
    this.chosen = chosen;
    this.host = host;
  }

  fill(plane, picks) {
    this.host.hidden = plane.width < 3;
    const kinds = Object.keys(KINDS).filter((kind) => kind !== "classes" || plane.classes.length > 1);
    const kind = this.select("Plane", kinds.map((name) => [name, KINDS[name]]), this.asked ?? plane.axes);
    kind.onchange = () => this.choose(kind.value, plane, picks);
    const rows = [kind];
    const now = this.asked ?? plane.axes;
    const options = this.options(now, plane);
    if (options) {
      const of = plane.axes === now && plane.of.length === 2 ? plane.of : options.first;
      const two = of.map((one, k) => this.select(options.labels[k], options.of, one));
      two.forEach((select, k) => {
        select.onchange = () => {
          const values = two.map((each) => Number(each.value));
          // Taking the other's place changes the two over.
          if (values[0] === values[1]) values[1 - k] = of[k];
          this.tell(now, values);
        };
      });
      rows.push(...two);
    } else {
      const clear = part("button", "", { type: "button", textContent: "Other images", onclick: () => this.tell("images", []) });
      const left = 3 - picks.length;
      const text = left > 0 ? `Click a dot and take its image: ${left} more` : "";
      rows.push(part("span", "hint", { textContent: text }), ...(picks.length ? [clear] : []));
    }
    this.host.replaceChildren(...rows.map((row) => row.wrapper ?? row));
  }

  options(kind, plane) {
    if (kind === "classes") {
      return { of: plane.classes.map((name, k) => [k, name]), labels: ["from", "to"], first: [0, 1] };
    }
    if (kind === "images") return null;
    const count = kind === "units" ? plane.width : Math.min(plane.width, plane.directions.shape[0]);
    const of = Array.from({ length: count }, (_, k) => [k, kind === "units" ? `unit ${k}` : `axis ${k + 1}`]);
    return { of, labels: ["x", "y"], first: [0, 1] };
  }

  choose(kind, plane, picks) {
    this.asked = kind;
    if (kind !== "images") this.tell(kind, [0, 1]);
    else if (picks.length === 3) this.tell(kind, picks);
    else this.fill(plane, picks);
  }

  tell(kind, of) {
    this.asked = kind;
    this.chosen(kind, of);
  }

  select(label, options, value) {
    const select = part("select");
    select.append(...options.map(([name, text]) => part("option", "", { value: name, textContent: text })));
    select.value = value;
    select.wrapper = part("label", "choice", { textContent: label });
    select.wrapper.append(select);
    return select;
  }
}

const ROW = 17; // pixels of a unit's row
const LISTED = 256;

// q(z|x): the mean of each unit, and its deviation as a bar of two.
function drawPosterior(canvas, mean, deviation, theme, colour) {
  const count = Math.min(mean.length, LISTED);
  const width = canvas.clientWidth || 260;
  const area = surface(canvas, (count * ROW + 18) / width);
  if (!area) return;
  const { context } = area;
  const reach = Math.max(1e-6, ...Array.from({ length: count }, (_, k) => Math.abs(mean[k]) + 2 * (deviation?.[k] ?? 0)));
  const [left, right] = [58, width - 92];
  const x = (v) => left + ((v / reach + 1) / 2) * (right - left);
  context.font = `12px ${theme.font}`;
  context.fillStyle = theme.text;
  context.strokeStyle = theme.border;
  context.beginPath();
  context.moveTo(x(0), 0);
  context.lineTo(x(0), count * ROW);
  context.stroke();
  for (let k = 0; k < count; k++) {
    const y = (k + 0.5) * ROW;
    context.fillStyle = theme.text;
    context.textAlign = "left";
    context.fillText(`unit ${k}`, 0, y + 4);
    context.textAlign = "right";
    context.fillText(signed(mean[k]) + (deviation ? ` ± ${deviation[k].toFixed(2)}` : ""), width, y + 4);
    context.fillStyle = colour;
    if (deviation) {
      context.globalAlpha = 0.35;
      context.fillRect(x(mean[k] - deviation[k]), y - 5, x(mean[k] + deviation[k]) - x(mean[k] - deviation[k]), 10);
      context.globalAlpha = 1;
    }
    context.beginPath();
    context.arc(x(mean[k]), y, 3, 0, 7);
    context.fill();
  }
  context.fillStyle = theme.text;
  context.textAlign = "center";
  [-reach, 0, reach].forEach((v) => context.fillText(signed(v), x(v), count * ROW + 13));
}

// One example: the image, what the model makes of it, and its code.
class Card {
  constructor(host) {
    this.host = host;
  }

  show({ arrays }, shape, title, theme, colour, buttons) {
    const figures = [["x", "Image"], ["x_hat", "Reconstruction"]].map(([name, text]) => {
      const canvas = part("canvas", "pixels", { role: "img", ariaLabel: text });
      paintPixels(canvas, arrays[name].data, shape);
      const figure = part("figure");
      figure.append(canvas, part("figcaption", "", { textContent: text }));
      return figure;
    });
    const both = part("div", "both");
    both.append(...figures);
    const [mean, deviation] = [arrays.mean.data, arrays.deviation?.data];
    const words = Array.from({ length: Math.min(mean.length, 8) }, (_, k) => `unit ${k} ${signed(mean[k])}${deviation ? ` ± ${deviation[k].toFixed(2)}` : ""}`);
    const canvas = part("canvas", "posterior", { role: "img", ariaLabel: `${deviation ? "q(z|x), mean and deviation" : "Its code"}: ${words.join(", ")}` });
    const scroll = part("div", "scroll");
    scroll.append(canvas);
    const head = part("p", "title", { textContent: deviation ? "Its code q(z|x): mean ± σ" : "Its code" });
    const bar = part("div", "row");
    bar.append(...buttons.map(([text, onclick]) => part("button", "", { type: "button", textContent: text, onclick })));
    this.host.replaceChildren(part("p", "title", { textContent: title }), both, bar, head, scroll);
    this.host.hidden = false;
    drawPosterior(canvas, mean, deviation, theme, colour);
  }
}
