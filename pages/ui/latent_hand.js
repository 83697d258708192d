// What hands do on a latent square: pointing, dragging, tapping, keys, and the examples that a click shows.

// A plain move is told just before a frame, and its image would come a frame later. Only safe addresses hear it at once.
const MOVE = "onpointerrawupdate" in window ? "pointerrawupdate" : "pointermove";

Object.assign(LatentPad.prototype, {
  listen() {
    const { marks } = this;
    marks.onpointerdown = (event) => {
      if (event.button || !this.plane) return;
      marks.setPointerCapture(event.pointerId);
      this.down = [event.clientX, event.clientY];
      this.hold(true);
      this.followHand(event);
    };
    marks.addEventListener(MOVE, (event) => {
      if (this.plane && (this.down || (this.following && event.pointerType === "mouse"))) this.followHand(event);
    });
    marks.onpointerup = (event) => {
      const still = this.down && Math.hypot(event.clientX - this.down[0], event.clientY - this.down[1]) < TAP;
      this.down = null;
      const near = still ? this.nearest(event, NEAR[event.pointerType] ?? NEAR.mouse) : null;
      if (near !== null) this.show(near);
    };
    marks.onpointercancel = () => { this.down = null; };
    marks.ondblclick = () => this.hold(false);
    marks.onkeydown = (event) => this.key(event);
  },

  followHand(event) {
    const box = this.marks.getBoundingClientRect();
    const share = (value, low, size) => Math.min(Math.max((value - low) / size, 0), 1);
    const [x0, x1, y0, y1] = this.box;
    this.at[0] = x0 + share(event.clientX, box.left, box.width) * (x1 - x0);
    if (!this.line) this.at[1] = y1 - share(event.clientY, box.top, box.height) * (y1 - y0);
    this.moved(event.timeStamp);
  },

  // What is selected on a map of the same data is ringed here too.
  share({ data, position }) {
    const place = new Map(Array.from(position.data, (where, i) => [where, i]));
    this.unwatch?.();
    this.lit = [];
    this.unwatch = Selection.named(data).watch((positions) => {
      this.lit = Array.from(positions, (where) => place.get(where)).filter((i) => i !== undefined);
      this.root.dataset.lit = this.lit.length;
      this.draw();
    });
  },

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.plane) return;
    const [x0, x1, y0, y1] = this.box;
    const step = STEP * (event.shiftKey ? 5 : 1);
    const go = (axis, by) => () => {
      const [low, high] = axis ? [y0, y1] : [x0, x1];
      if (!(axis && this.line)) this.set(axis, Math.min(Math.max(this.at[axis] + by * (high - low), low), high));
    };
    const act = {
      ArrowLeft: go(0, -step), ArrowRight: go(0, step), ArrowDown: go(1, -step), ArrowUp: go(1, step),
      Home: () => { this.at = this.plane.start.data.slice(); this.hold(true); this.moved(performance.now()); },
      Escape: () => this.hold(false),
      Enter: () => this.show(this.nearestTo(this.at[0], this.line ? 0.5 : this.at[1], Infinity)),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  },

  // The code under a pointer, at most so many pixels away; null where there is none.
  nearest(event, pixels) {
    const box = this.marks.getBoundingClientRect();
    const [x0, x1, y0, y1] = this.box;
    const x = x0 + ((event.clientX - box.left) / box.width) * (x1 - x0);
    const y = y1 - ((event.clientY - box.top) / box.height) * (y1 - y0);
    return this.shown.dots ? this.nearestTo(x, y, pixels) : null;
  },

  nearestTo(x, y, pixels) {
    const [x0, x1, y0, y1] = this.box;
    const [sx, sy] = [this.marks.clientWidth / (x1 - x0), this.marks.clientHeight / (y1 - y0)];
    const { dots } = this.plane;
    let [best, least] = [null, pixels];
    for (let i = 0; i < dots.length / 2; i++) {
      const apart = Math.hypot((dots[2 * i] - x) * sx, (dots[2 * i + 1] - y) * sy);
      if (apart < least) [best, least] = [i, apart];
    }
    return best;
  },

  // One example of the data: the point goes to its code.
  async show(i) {
    if (i === null) return;
    const position = this.plane.position.data[i];
    try {
      const found = await fetched(this.address("example", { position }));
      const { meta, arrays } = found;
      this.chosen = i;
      this.hold(true);
      this.holdCode(arrays.mean.data);
      if (this.plane.conditional && meta.y >= 0) this.given = this.classSelect.value = meta.y;
      const named = meta.class ? `, class ${meta.class}` : "";
      const buttons = this.plane.width > 2 ? [["Take for a plane", () => this.pick(position)]] : [];
      const colour = this.component.data.colours[Math.max(meta.y, 0) % this.component.data.colours.length];
      this.card.show(found, this.plane.shape, `Row ${meta.index} of the ${this.plane.split} split${named}`, this.theme, colour, buttons);
      this.moved(performance.now());
    } catch (error) {
      this.say(error.message);
    }
  },

  // Three images span a plane.
  pick(position) {
    if (!this.picks.includes(position)) this.picks = [...this.picks, position].slice(-3);
    this.axes.asked = "images";
    if (this.picks.length === 3) this.turn("images", this.picks);
    else {
      this.axes.fill(this.plane, this.picks);
      this.mark();
    }
  },

  // Another plane; the page keeps it in the address.
  turn(axes, of) {
    if (axes === "images" && of.length < 3) {
      this.picks = [];
      this.axes.fill(this.plane, this.picks);
      this.mark();
      return;
    }
    this.asked = { axes, of };
    this.chosen = null;
    this.open(false);
    this.component.setStateValue("axes", `${axes}:${of.join(",")}`);
  },

  // An image from outside, where the encoder puts it.
  async place(pixels) {
    try {
      const y = this.plane.conditional ? this.given ?? 0 : null;
      const found = await fetched(this.address("place", { y }), pixels);
      this.ownCode = found.arrays.mean.data;
      this.chosen = null;
      this.hold(true);
      this.holdCode(this.ownCode);
      const buttons = [["Light and dark the other way", () => this.own.invert()]];
      this.card.show(found, this.plane.shape, "Your image", this.theme, this.theme.accent, buttons);
      this.say("");
      this.moved(performance.now());
    } catch (error) {
      this.say(error.message);
    }
  },

  close() {
    this.turns += 1;
    this.unwatch?.();
    this.decoder?.close();
    this.own.close();
    this.observer.disconnect();
  },
});

export default function (component) {
  const { parentElement: parent } = component;
  const pad = (parent.latentPad ??= new LatentPad(parent));
  pad.calls = (pad.calls ?? 0) + 1;
  const calls = pad.calls;
  pad.update(component);
  // Streamlit also cleans up between two calls; only a square that is not called again is closed.
  return () => setTimeout(() => {
    if (pad.calls !== calls || pad.root.isConnected) return;
    pad.close();
    delete parent.latentPad;
  }, 200);
}
