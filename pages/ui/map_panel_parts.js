// What the cards beside a map are made of: pictures of points, bars of classes, a stepper, questions that do not pile up.

// One question at a time; while it is on its way only the newest waits.
class Latest {
  constructor(ask, done, failed) {
    Object.assign(this, { ask, done, failed });
  }

  want(...what) {
    this.waiting = what;
    if (!this.busy) this.run();
  }

  async run() {
    this.busy = true;
    while (this.waiting) {
      const what = this.waiting;
      this.waiting = null;
      this.dropped = false;
      try {
        const found = await this.ask(...what);
        if (!this.dropped) this.done(found, ...what);
      } catch (error) {
        if (!this.dropped && !this.waiting) this.failed(error);
      }
    }
    this.busy = false;
  }

  // Nobody wants to know any more.
  drop() {
    this.waiting = null;
    this.dropped = true;
  }
}

const grouped = (n) => n.toLocaleString("en-GB");
const percent = (share) => `${share < 0.0995 && share > 0 ? (100 * share).toFixed(1) : Math.round(100 * share)} %`;
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const several = (n, one) => `${grouped(n)} ${one}${n === 1 ? "" : "s"}`;

// A number with as many digits as tell something.
function figure(value) {
  if (!Number.isFinite(value)) return "none";
  const size = Math.abs(value);
  const text = size !== 0 && (size < 0.001 || size >= 1e6) ? value.toExponential(2) : size >= 100 ? value.toFixed(1) : value.toPrecision(3);
  return text.replace("-", "−");
}

const coordinates = (values) => `(${Array.from(values, (v) => v.toFixed(3).replace(/^-0\.0+$/, "0.000").replace("-", "−")).join(", ")})`;

// Example k of x (n, ...shape), as its own numbers.
function example({ data, shape }, k) {
  const size = shape.slice(1).reduce((product, side) => product * side, 1);
  return data.subarray(k * size, (k + 1) * size);
}

// A picture of one example: pixels, or, where the data are points, its coordinates.
class Picture {
  constructor(shape, name = "") {
    this.shape = shape;
    this.images = shape.length === 3;
    this.root = this.images ? part("canvas", "pixels", { role: "img", ariaLabel: name }) : part("span", "coordinates");
    if (this.images) {
      [, this.root.height, this.root.width] = shape;
      this.root.style.aspectRatio = `${shape[2]} / ${shape[1]}`;
    }
  }

  // The numbers of an example: (C, H, W) of 0..255, or coordinates.
  show(values) {
    if (this.images) paintPixels(this.root, values, this.shape);
    else this.root.textContent = coordinates(values);
  }

  clear() {
    if (this.images) this.root.getContext("2d").clearRect(0, 0, this.root.width, this.root.height);
    else this.root.textContent = "…";
  }
}

function captioned(picture, text) {
  const whole = part("figure");
  whole.append(picture.root, part("figcaption", "", { textContent: text }));
  return whole;
}

// Small pictures in rows. Each is a button; one stop for the tab key, the arrows move within.
class Strip {
  constructor(host, shape, chosen, pointed = () => {}) {
    Object.assign(this, { host, shape, chosen, pointed, items: [] });
    host.role = "group";
    host.addEventListener("keydown", (event) => this.key(event));
  }

  // Items are {row, caption, label, colour}: those that are there already are used again, so that nothing flickers.
  fill(items) {
    while (this.items.length > items.length) this.items.pop().button.remove();
    while (this.items.length < items.length) this.items.push(this.item(this.items.length));
    this.items.forEach((one, k) => {
      const { row, caption = "", label, colour = "transparent" } = items[k];
      if (one.row !== row) one.picture.clear();
      one.row = row;
      one.caption.textContent = caption;
      one.caption.hidden = !caption;
      one.button.ariaLabel = label;
      one.button.title = label;
      one.button.style.setProperty("--dot", colour);
    });
    this.rove(0);
  }

  item(k) {
    const button = part("button", "item", { type: "button" });
    const picture = new Picture(this.shape);
    const caption = part("span", "caption");
    button.append(picture.root, caption);
    const row = () => this.items[k].row;
    button.onclick = () => this.chosen?.(row());
    button.onpointerenter = () => this.pointed(row());
    button.onpointerleave = () => this.pointed(null);
    button.onfocus = () => { this.rove(k); this.pointed(row()); };
    button.onblur = () => this.pointed(null);
    this.host.append(button);
    return { button, picture, caption, row: null };
  }

  rove(k) {
    this.items.forEach(({ button }, i) => { button.tabIndex = i === k ? 0 : -1; });
  }

  key(event) {
    const at = this.items.findIndex(({ button }) => button.tabIndex === 0);
    const across = getComputedStyle(this.host).gridTemplateColumns.split(" ").length;
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + across, ArrowUp: at - across, Home: 0, End: this.items.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.items[to]?.button.focus();
  }
}

// How often each class occurs: a bar, its name and its count. All classes where they are few, else the most frequent.
const LISTED_CLASSES = 12;

class Bars {
  constructor(host) {
    this.host = host;
  }

  // `counts` (k,), `all` (k,) what the whole map has of each.
  fill(names, counts, all, colourOf) {
    let order = names.map((_, k) => k);
    if (names.length > LISTED_CLASSES) order = order.sort((a, b) => counts[b] - counts[a]).slice(0, LISTED_CLASSES);
    const most = Math.max(1, ...counts);
    this.host.replaceChildren(...order.map((k) => {
      const [row, track, bar] = [part("div", "bar"), part("span", "track"), part("i")];
      row.title = `${grouped(counts[k])} of the ${grouped(all[k])} of class ${names[k]} on this map`;
      bar.style.width = `${(100 * counts[k]) / most}%`;
      bar.style.background = colourOf(k);
      track.append(bar);
      row.append(part("span", "name", { textContent: names[k] }), track, part("output", "", { textContent: grouped(counts[k]) }));
      return row;
    }));
    const rest = names.length - order.length;
    if (rest > 0) this.host.append(part("span", "hint", { textContent: `and ${several(rest, "further class").replace("classs", "classes")}` }));
  }
}

// A number between two buttons.
function stepper(name, value, [low, high], changed) {
  const root = part("span", "stepper", { role: "group", ariaLabel: name });
  const shown = part("output", "", { textContent: value });
  const button = (text, by, label) => part("button", "", {
    type: "button", textContent: text, ariaLabel: label,
    onclick: () => set(Number(shown.textContent) + by),
  });
  const [less, more] = [button("−", -1, "Fewer"), button("+", 1, "More")];
  const set = (next) => {
    const now = Math.min(Math.max(next, low), high);
    [less.disabled, more.disabled] = [now === low, now === high];
    if (Number(shown.textContent) === now) return;
    shown.textContent = now;
    changed(now);
  };
  root.append(less, shown, more);
  return root;
}

// A choice of one among a few, as buttons side by side.
function switched(name, options, value, changed) {
  const root = part("span", "switched", { role: "group", ariaLabel: name });
  const buttons = options.map(([key, text]) => part("button", "", {
    type: "button", textContent: text, ariaPressed: String(key === value),
    onclick: () => {
      buttons.forEach((one, k) => { one.ariaPressed = String(options[k][0] === key); });
      changed(key);
    },
  }));
  root.append(...buttons);
  return root;
}
