// What the colours of a map mean: its columns, their colours, and a legend that isolates.

const LOST = "#8a8f98"; // of points without a class, and of noise
// "Viridis" by S. van der Walt and N. Smith (CC0): equal steps in value look like equal steps, also to the colour-blind.
const SCALE = ["#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725"];
const STEPS = 254;
const TAIL = 0.01; // share of the values at each end that share the colour of the last step
const TINTS = [0, 0.42, -0.34]; // shares of white (or, below zero, of black) in the classes' colours, ten each

const channelsOf = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
const hex = (channels) => `#${channels.map((c) => Math.round(c).toString(16).padStart(2, "0")).join("")}`;
const between = (one, other, share) => {
  const [a, b] = [channelsOf(one), channelsOf(other)];
  return hex(a.map((c, k) => c + (b[k] - c) * share));
};

// The colour of category k: ten of the palette, then lighter ones, then darker ones.
function categoryColour(k, palette) {
  const ring = TINTS[Math.floor(k / palette.length) % TINTS.length];
  return between(palette[k % palette.length], ring < 0 ? "#000000" : "#ffffff", Math.abs(ring));
}

// The scale at a share of its length; the ends that would vanish in the paper are left out.
function scaleColour(share, dark) {
  const place = (dark ? 0.14 + 0.86 * share : 0.93 * share) * (SCALE.length - 1);
  const low = Math.min(Math.floor(place), SCALE.length - 2);
  return between(SCALE[low], SCALE[low + 1], place - low);
}

const brief = (value) => {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return "–";
  return Number.isInteger(value) && size < 1e6 ? value.toLocaleString("en") : size && (size < 0.01 || size >= 1e5) ? value.toExponential(1) : String(Number(value.toPrecision(3)));
};

class Legend {
  constructor(map) {
    this.map = map;
    this.columns = new Map(); // name -> what the server answered
    this.isolated = new Set();
    this.select = part("select", "colour", { ariaLabel: "Colour the points by" });
    this.select.onchange = () => this.choose(this.select.value, true);
    this.number = part("input", "count", { type: "number", step: 1, hidden: true });
    this.number.onchange = () => this.number.checkValidity() && this.choose(this.select.value + this.number.value, true);
    this.host = part("div", "legend");
    this.bar = part("div", "scale", { hidden: true });
    this.help = part("p", "hint protocol");
  }

  // Another map: its columns. The chosen one stays if it has it.
  fill(meta, wanted) {
    this.columns.clear();
    const others = (meta.columns ?? []).filter(({ name }) => name !== "class");
    const options = [...(meta.classes?.length || this.labelled ? [{ name: "class", title: "class" }] : [{ name: "", title: "nothing" }]), ...others];
    this.select.replaceChildren(...options.map(({ name, title, help }) => part("option", "", { value: name, textContent: title, title: help ?? "" })));
    this.options = options;
    return this.choose(this.optionOf(wanted) ? wanted : options[0].name);
  }

  // The option of a column's name; those that end in ":" take a whole number behind it.
  optionOf(name) {
    return this.options.find((one) => one.name === name) ?? this.options.find((one) => one.name.endsWith(":") && name.startsWith(one.name));
  }

  get labelled() {
    return this.map.rows.y.some((y) => y >= 0);
  }

  // `asked`: by hand, so that the page is told.
  async choose(name, asked = false) {
    const { map } = this;
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const option = this.optionOf(name);
    if (option && option.name === name && name.endsWith(":")) name += option.default;
    this.pick(option, name);
    try {
      const waiting = setTimeout(() => { map.root.dataset.colouring = "true"; }, 150);
      const column = await this.read(name).finally(() => clearTimeout(waiting));
      if (turn !== this.turn) return;
      this.take(column);
      if (asked) map.report("colour", name);
    } catch (error) {
      if (turn !== this.turn) return;
      this.pick(this.optionOf(map.column?.name ?? ""), map.column?.name ?? "");
      map.say(error.message);
    } finally {
      if (turn === this.turn) delete map.root.dataset.colouring;
    }
  }

  pick(option, name) {
    this.select.value = option?.name ?? "";
    this.number.hidden = !option?.name.endsWith(":");
    if (this.number.hidden) return;
    Object.assign(this.number, { min: option.low, max: option.high, value: name.slice(option.name.length), ariaLabel: option.title, title: option.help ?? option.title });
  }

  async read(name) {
    const { map } = this;
    const { classes } = map.meta;
    if (!name) return { name, title: "", kind: "category", values: new Float32Array(map.count).fill(-1), names: [] };
    if (name === "class") return { name, title: "class", kind: "category", values: map.rows.y, names: classes ?? [] };
    if (!this.columns.has(name)) {
      const found = await fetched(map.address(`column/${encodeURIComponent(name)}`));
      if (!found) throw new Error("This map is no longer there: its colours cannot be computed.");
      const { title } = this.optionOf(name);
      this.columns.set(name, { title, names: [], unit: "", ...found.meta, name, values: found.arrays.values.data });
    }
    return this.columns.get(name);
  }

  take(column) {
    const { map } = this;
    map.column = column;
    this.isolated.clear();
    const protocol = column.protocol ?? "";
    this.help.textContent = protocol.charAt(0).toUpperCase() + protocol.slice(1);
    if (column.kind === "category") this.categories(column);
    else this.numbers(column);
    this.dress();
    map.say("");
    map.levels();
    map.tell("coloured", column);
    map.describe();
  }

  // `tint` is each point's place in the table of colours; place 0 is that of points without a value.
  categories(column) {
    const { values } = column;
    let most = column.names.length - 1;
    for (const value of values) if (value > most) most = value;
    const counts = new Int32Array(most + 2);
    for (let i = 0; i < values.length; i++) counts[(this.map.tint[i] = Math.max(values[i], -1) + 1)]++;
    Object.assign(this, { counts, most, range: null });
  }

  numbers({ values }) {
    const finite = values.filter(Number.isFinite).sort();
    const at = (share) => finite[Math.min(finite.length - 1, Math.round(share * (finite.length - 1)))] ?? 0;
    const [low, high] = [at(TAIL), at(1 - TAIL)];
    this.range = { low, high, below: finite[0] < low, above: finite.at(-1) > high };
    const by = high > low ? (STEPS - 1) / (high - low) : 0;
    for (let i = 0; i < values.length; i++) {
      this.map.tint[i] = Number.isFinite(values[i]) ? 1 + Math.round(Math.min(STEPS - 1, Math.max(0, (values[i] - low) * by))) : 0;
    }
  }

  // The table of colours, in the theme as it is now: [0] of points without a value.
  table(theme, palette) {
    const key = `${theme.dark} ${this.range ? "scale" : this.most}`;
    if (this.made?.key !== key) {
      const count = this.range ? STEPS : this.most + 1;
      const alone = !this.range && this.most < 0; // nothing to tell apart: all in one colour of the palette
      const colours = [alone ? palette[0] : LOST, ...Array.from({ length: count }, (_, k) => (this.range ? scaleColour(k / (STEPS - 1), theme.dark) : categoryColour(k, palette)))];
      this.made = { key, colours, pixels: Uint32Array.from(colours, pixelOf) };
    }
    return this.made;
  }

  colourOf(row) {
    return this.made?.colours[this.map.tint[row]] ?? LOST;
  }

  // What a point says of itself under this column: "7", "0.31 nats".
  wordsOf(row) {
    const { column } = this.map;
    const value = column.values[row];
    if (column.kind === "category") return value < 0 ? (column.name.startsWith("hdbscan") ? "noise" : "") : column.names[value] ?? String(value);
    return `${brief(value)}${column.unit ? ` ${column.unit}` : ""}`;
  }

  // The legend as elements: a button a category, or a bar of colours with its ends.
  dress() {
    const { map, range } = this;
    const theme = css(map.root);
    const { colours } = this.table(theme, map.data.colours);
    this.host.hidden = Boolean(range) || this.most < 0;
    this.bar.hidden = !range;
    if (range) {
      const stops = Array.from({ length: 12 }, (_, k) => colours[1 + Math.round((k / 11) * (STEPS - 1))]);
      const ramp = part("i", "", { role: "img", ariaLabel: `From ${brief(range.low)} to ${brief(range.high)} ${map.column.unit}` });
      ramp.style.background = `linear-gradient(90deg, ${stops.join()})`;
      this.bar.replaceChildren(html("span", "", `${range.below ? "≤ " : ""}${brief(range.low)}`), ramp, html("span", "", `${range.above ? "≥ " : ""}${brief(range.high)} ${map.column.unit}`));
      return;
    }
    const entries = Array.from(this.counts, (count, tint) => ({ count, category: tint - 1 })).filter(({ count }) => count);
    this.buttons = entries.map(({ category, count }) => {
      const name = category < 0 ? (map.column.name.startsWith("hdbscan") ? "noise" : "none") : map.column.names[category] ?? String(category);
      const button = part("button", "", { type: "button", textContent: name, title: `${count.toLocaleString("en")} points. Click: only these; Shift and click: these too` });
      button.style.setProperty("--dot", colours[category + 1]);
      button.onclick = (event) => this.toggle(category, event.shiftKey || event.ctrlKey || event.metaKey);
      button.category = category;
      return button;
    });
    this.host.replaceChildren(...this.buttons);
    this.press();
  }

  toggle(category, more) {
    const alone = this.isolated.size === 1 && this.isolated.has(category);
    if (more) {
      const all = new Set(this.isolated);
      if (!all.delete(category)) all.add(category);
      this.only(all);
    } else this.only(alone ? [] : [category]);
  }

  // Only these categories in full colour; none: all.
  only(categories) {
    this.isolated = new Set(categories);
    this.press();
    this.map.levels();
  }

  press() {
    for (const button of this.buttons ?? []) {
      button.ariaPressed = String(!this.isolated.size || this.isolated.has(button.category));
    }
  }

  shows(row) {
    return !this.isolated.size || this.isolated.has(this.map.tint[row] - 1);
  }
}
