// A square over a code that one scrubs: the decoded image follows the hand inside the page.

const STEP = 0.02; // of the square's side, an arrow key's
const TAP = 6; // pixels that a hand may tremble in a click
const NEAR = { mouse: 9, pen: 12, touch: 20 }; // pixels around a dot that count as a click on it
const SHOWN = { dots: "Codes", spread: "σ of q(z|x)", prior: "Prior", voids: "Voids" };

class LatentPad {
  constructor(parent) {
    this.shown = { dots: true, spread: true, prior: false, voids: false };
    this.following = true;
    Object.assign(this, { picks: [], lit: [] }); // positions that a plane is to go through; codes selected on a map
    this.build(parent);
    this.axes = new Axes(this.axesHost, (axes, of) => this.turn(axes, of));
    this.square = new Sliders(this.squareHost, (axis, value) => this.set(axis, value));
    this.rest = new Sliders(this.restHost, (axis, value) => this.set(axis, value));
    this.card = new Card(this.cardHost);
    this.own = new Own(this.root, (pixels) => this.place(pixels), (text) => this.say(text));
    this.buttons.append(this.own.button, this.own.drawing, this.own.file);
    this.buttons.after(this.own.sheetHost);
    this.listen();
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.field);
  }

  build(parent) {
    this.root = part("div", "latent");
    const left = part("div", "left");
    this.axesHost = part("div", "row axes");
    this.field = part("div", "field");
    this.ground = part("canvas", "", { role: "img" });
    this.marks = part("canvas", "marks", { tabIndex: 0, role: "application" });
    this.field.append(this.ground, this.marks);
    this.squareHost = part("div", "sliders");
    this.switches = part("div", "row");
    this.legend = part("div", "legend");
    left.append(this.axesHost, this.field, this.legend, this.switches, this.squareHost);
    const right = part("div", "right");
    this.image = part("canvas", "image pixels", { role: "img", ariaLabel: "The decoded image" });
    this.where = part("p", "where");
    this.note = part("p", "hint", { role: "status" });
    this.buttons = part("div", "row");
    this.classHost = part("div", "row");
    this.restHead = part("p", "title", { textContent: "What remains of the code" });
    this.restHost = part("div", "sliders scroll");
    this.cardHost = part("div", "card", { hidden: true });
    const seen = part("div", "seen");
    const picture = part("div", "picture");
    picture.append(this.image, this.where, this.note, this.classHost, this.buttons);
    seen.append(picture, this.cardHost);
    right.append(seen, this.restHead, this.restHost);
    this.root.append(left, right);
    parent.append(this.root);
    this.follow = part("button", "", { type: "button", textContent: "Follow", onclick: () => this.hold(this.following) });
    this.follow.title = "The point goes where the pointer is; a click on the square holds it";
    this.buttons.append(this.follow);
    this.hold(false);
  }

  // -- what is shown ----------------------------------------------------------------------------------------------

  update(component) {
    this.component = component;
    const { run, step, axes } = component.data;
    const name = `${run}/${step}`;
    if (name !== this.name) {
      const other = this.run !== run;
      Object.assign(this, { name, run, step });
      if (other) this.forget();
      const [kind, of] = (axes || "auto:").split(":");
      if (!this.asked || other) this.asked = { axes: kind, of: of ? of.split(",").map(Number) : [] };
      if (other && kind === "images") this.picks = this.asked.of;
      this.open(true);
    } else this.draw();
  }

  forget() {
    Object.assign(this, { picks: [], chosen: null, ownCode: null, plane: null });
    this.axes.asked = undefined;
    this.cardHost.hidden = true;
  }

  address(what, values = {}) {
    return `/api/latent/${what}/${this.run}${query({ step: this.step, ...values })}`;
  }

  // The plane and, for other weights, the decoder: both are asked for at once.
  async open(fresh) {
    const turn = (this.turns = (this.turns ?? 0) + 1);
    const { axes, of } = this.asked;
    this.root.dataset.state = "opening";
    try {
      const plane = fetched(this.address("plane", { axes, of: of.join(",") }));
      const decoder = fresh ? fetched(this.address("decoder")) : null;
      plane.catch(() => {}); // whichever fails first is told below
      const found = decoder && (await decoder);
      const { arrays, meta } = await plane;
      if (turn !== this.turns) return;
      this.arrange({ ...arrays, ...meta, of });
      if (found) this.decodeWith(found);
      this.root.dataset.state = "open";
      this.moved(performance.now());
    } catch (error) {
      if (turn !== this.turns) return;
      this.root.dataset.state = "failed";
      this.say(error.message);
      if (this.plane) this.asked = { axes: this.plane.axes, of: this.plane.of };
    }
  }

  // A new plane under the hand: the code that is held stays what it is.
  arrange(plane) {
    const held = this.plane && this.plane.width === plane.width ? this.code() : null;
    const k = plane.directions.shape[0];
    this.line = k === 1;
    plane.dots = dotsOf(plane);
    plane.spans = Float32Array.from({ length: k }, (_, axis) => spanOf(plane.at, axis));
    this.plane = plane;
    const [low, high] = [plane.low.data, plane.high.data];
    this.box = this.line ? [low[0], high[0], 0, 1] : [low[0], high[0], low[1], high[1]];
    this.own.shape = plane.shape;
    this.at = plane.start.data.slice();
    this.base = plane.origin.data;
    if (held) this.holdCode(held);
    this.square.fill(plane, 0, Math.min(2, k));
    this.rest.fill(plane, 2, k);
    this.restHead.hidden = k < 3;
    this.restHead.textContent = plane.width > k ? `What remains of the code: the first ${k - 2} of ${plane.width - 2} axes` : "What remains of the code";
    this.axes.fill(plane, this.picks);
    this.switch();
    this.classes();
    this.share(plane);
    this.draw();
    this.say("");
  }

  decodeWith(found) {
    this.decoder?.close();
    const paint = (...all) => this.paint(...all);
    this.exactly = found.meta.bends.length > 0;
    if (this.exactly) this.decoder = new PageDecoder(found, paint);
    else {
      const y = (given) => (this.plane.conditional ? given : null);
      this.decoder = new ServerDecoder({
        sheets: (rest, given) => this.address("sprite", { ...this.asked, of: this.asked.of.join(","), rest: rest.join(","), y: y(given) }),
        exact: (given) => this.address("decode", { y: y(given) }),
      }, this.plane.shape, paint);
      this.decoder.failed = (error) => this.say(error.message);
    }
    this.root.dataset.decoder = this.exactly ? "page" : "server";
  }

  switch() {
    const { plane } = this;
    const there = { dots: true, spread: plane.spread, prior: plane.prior, voids: plane.voids };
    this.switches.replaceChildren(...Object.keys(SHOWN).filter((name) => there[name]).map((name) => {
      const button = part("button", "", { type: "button", textContent: SHOWN[name], ariaPressed: String(this.shown[name]) });
      button.onclick = () => {
        this.shown[name] = !this.shown[name];
        button.ariaPressed = String(this.shown[name]);
        this.draw();
      };
      return button;
    }));
    this.legend.replaceChildren(...plane.classes.slice(0, 20).map((name, k) => {
      const one = part("span", "", { textContent: name });
      one.style.setProperty("--dot", this.component.data.colours[k % this.component.data.colours.length]);
      return one;
    }));
  }

  classes() {
    this.classHost.hidden = !this.plane.conditional;
    if (!this.plane.conditional || this.classHost.childElementCount) return;
    const select = this.classSelect = this.axes.select("Class that the decoder is told", this.plane.classes.map((name, k) => [k, name]), 0);
    select.onchange = () => { this.given = Number(select.value); this.moved(performance.now()); };
    this.classHost.replaceChildren(select.wrapper);
  }

  draw() {
    if (!this.plane || !this.field.clientWidth) return;
    this.theme = css(this.root);
    this.root.style.colorScheme = this.theme.dark ? "dark" : "light";
    drawGround(this.ground, this.plane, this.box, this.shown, this.theme, this.component.data.colours, this.lit);
    const { plane } = this;
    this.ground.ariaLabel = `The codes of ${plane.at.shape[0]} examples, coloured by class.`;
    this.marks.ariaLabel = `${plane.names.slice(0, 2).join(" and ")} of the code, with ${plane.at.shape[0]} examples of the ${plane.split} split. Arrow keys move the point, Enter shows the nearest example.`;
    this.mark();
  }

  // Where the codes (d,) stand on the square.
  onSquare(code) {
    const at = this.coordinates(code);
    return [at[0], this.line ? 0.5 : at[1]];
  }

  mark() {
    const dot = (i) => [this.plane.dots[2 * i], this.plane.dots[2 * i + 1]];
    drawMarks(this.marks, this.box, this.line, this.theme, {
      point: this.at,
      chosen: this.chosen === null || this.chosen === undefined ? null : dot(this.chosen),
      picks: this.picks.map((position) => this.plane.position.data.indexOf(position)).filter((i) => i >= 0).map(dot),
      own: this.ownCode && this.onSquare(this.ownCode),
    });
  }

  // -- the point --------------------------------------------------------------------------------------------------

  // The whole code (d,): where the slice lies, and the way along every axis.
  code() {
    const { data, shape: [k, d] } = this.plane.directions;
    const z = Float32Array.from(this.base);
    for (let axis = 0, from = 0; axis < k; axis++) {
      for (let unit = 0; unit < d; unit++, from++) z[unit] += this.at[axis] * data[from];
    }
    return z;
  }

  coordinates(code) {
    const { directions: { data, shape: [k, d] }, origin } = this.plane;
    return Float32Array.from({ length: k }, (_, axis) => {
      let sum = 0;
      for (let unit = 0; unit < d; unit++) sum += (code[unit] - origin.data[unit]) * data[axis * d + unit];
      return sum;
    });
  }

  // Be exactly at a code: what the axes do not say of it moves the slice.
  holdCode(code) {
    this.at = this.coordinates(code);
    this.base = this.plane.origin.data;
    const reached = this.code();
    this.base = this.base.map((value, unit) => value + code[unit] - reached[unit]);
  }

  set(axis, value) {
    this.hold(true);
    this.at[axis] = value;
    this.moved(performance.now());
  }

  moved(when) {
    const { low, high, start } = this.plane;
    const share = (axis) => (this.at[axis] - low.data[axis]) / (high.data[axis] - low.data[axis]);
    const rest = this.at.slice(2);
    const apart = rest.some((value, k) => Math.abs(value - start.data[k + 2]) > 1e-5 * (high.data[k + 2] - low.data[k + 2]));
    this.settled = false;
    this.decoder?.show(this.code(), this.given ?? 0, when, [share(0), this.line ? 0 : share(1)], apart ? [...rest].map((v) => Number(v.toFixed(5))) : []);
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => { this.due = false; this.mark(); this.tell(); });
  }

  // Numbers in words and on sliders: once a frame.
  tell() {
    this.square.set(this.at);
    this.rest.set(this.at);
    this.where.textContent = this.plane.names.slice(0, 2).map((name, axis) => `${name} ${signed(this.at[axis])}`).join("   ");
  }

  // `moved` is when the hand did what this image answers; `exact` whether it is the decoder's own.
  paint(pixels, moved, exact) {
    if (!this.plane) return;
    paintPixels(this.image, pixels, this.plane.shape);
    const { dataset } = this.root;
    if (moved !== this.answered) {
      this.answered = moved;
      dataset.lag = (performance.now() - moved).toFixed(2);
      dataset.painted = String(Number(dataset.painted ?? 0) + 1);
    }
    dataset.exact = String(exact);
    this.how = this.exactly ? "decoded in this page" : exact ? "decoded exactly" : "blended while you move";
    this.comment();
  }

  // How the image came about, and how to hold the point or let it go; written only where it says something new.
  comment() {
    const note = `${this.how} · ${this.following ? "click to hold" : "held, Esc lets go"}`;
    if (this.how && this.noted !== note && !this.wrong) this.note.textContent = this.noted = note;
  }

  say(text) {
    this.wrong = Boolean(text);
    this.note.textContent = text;
    this.noted = text;
  }

  hold(on) {
    this.following = !on;
    this.follow.ariaPressed = String(!on);
    this.comment();
  }
}

// How far the codes spread along an axis: their standard deviation.
function spanOf({ data, shape: [n, k] }, axis) {
  let [sum, squares] = [0, 0];
  for (let i = axis; i < data.length; i += k) { sum += data[i]; squares += data[i] * data[i]; }
  return Math.sqrt(Math.max(squares / n - (sum / n) ** 2, 0));
}
