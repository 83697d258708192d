// What is not among the map's points: the decoder's image of an empty place, samples of a generator, one's own drawing.

const WHOLE = 0.999; // share of the variance that counts as all of it
const STEP_OF_KEY = 8; // pixels that an arrow key moves the place by

// A place of the map that was clicked where no point is; its marker can be dragged, and the image follows.
class PlaceCard {
  constructor(panel) {
    this.panel = panel;
    this.root = part("div", "card place", { hidden: true, tabIndex: -1 });
    this.head = panel.head(this);
    this.head.title.textContent = "What would lie here";
    this.host = part("div", "both large");
    this.where = part("p", "where");
    this.how = part("p", "hint");
    this.root.append(this.head.root, this.host, this.where, this.how);
    this.marker = part("button", "placemark", { type: "button", hidden: true, ariaLabel: "The place that is decoded; arrow keys move it" });
    panel.map.stage.append(this.marker);
    panel.map.on("view", () => this.follow());
    this.decoded = new Latest(
      (at, y) => panel.postPlaces("decode", Float32Array.from(at), { y }),
      ({ arrays }) => this.picture?.show(example(arrays.x, 0)),
      (error) => panel.say(error.message),
    );
    this.listen();
  }

  listen() {
    const { marker } = this;
    marker.onpointerdown = (event) => {
      event.stopPropagation();
      marker.setPointerCapture(event.pointerId);
      this.held = true;
    };
    marker.onpointermove = (event) => {
      event.stopPropagation();
      if (this.held) this.move(this.panel.map.spot(event));
    };
    marker.onpointerup = marker.onpointercancel = (event) => { event.stopPropagation(); this.held = false; };
    marker.onclick = marker.ondblclick = (event) => event.stopPropagation();
    marker.onkeydown = (event) => {
      const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!by) return;
      event.preventDefault();
      event.stopPropagation();
      const [x, y] = this.panel.map.camera.see(...this.at);
      const far = STEP_OF_KEY * (event.shiftKey ? 5 : 1);
      this.move([x + far * by[0], y + far * by[1]]);
    };
  }

  forget() {
    this.decoded.drop();
    this.picture = null;
    this.marker.hidden = true;
  }

  close() {
    this.decoded.drop();
    this.panel.hide("place");
  }

  raise(on) {
    this.marker.hidden = !on;
    if (on) this.follow();
  }

  show(at) {
    if (!this.picture) {
      this.picture = new Picture(this.panel.shape, "What the decoder makes of this place");
      this.host.replaceChildren(captioned(this.picture, this.panel.meta.request.of === "codes" ? "Decoded" : "What these axes hold"));
    }
    const { of } = this.panel.meta.request;
    // PCA says how much of the whole its axes hold; a code as it is has no others.
    const held = (this.panel.meta.facts?.explained_variance_ratio ?? [1]).reduce((sum, share) => sum + share, 0);
    this.how.textContent = held > WHOLE ? "" : `Along these two axes; along all others ${this.panel.space} at ${of === "codes" ? "its" : "their"} mean.`;
    this.at = at;
    this.panel.show("place");
    this.go(at);
  }

  move([x, y]) {
    const { camera } = this.panel.map;
    const within = (value, most) => Math.min(Math.max(value, 0), most);
    this.go(camera.under(within(x, camera.width), within(y, camera.height)));
  }

  go(at) {
    this.at = at;
    this.follow();
    const { axes } = this.panel.meta;
    this.where.textContent = at.map((value, k) => `${axes[k].split(" (")[0]}  ${value.toFixed(2).replace("-", "−")}`).join("\n");
    this.decoded.want(at, this.panel.given);
  }

  // The decoder is told another class.
  told() {
    if (!this.root.hidden) this.go(this.at);
  }

  // The marker stays on its place while the map is moved beneath it.
  follow() {
    if (this.marker.hidden) return;
    const [x, y] = this.panel.map.camera.see(...this.at);
    this.marker.style.transform = `translate(${x}px, ${y}px)`;
  }
}

// New points on the map as it is.
class PlacedCard {
  constructor(panel) {
    Object.assign(this, { panel, extra: [] });
    this.root = part("div", "card placed", { hidden: true, tabIndex: -1 });
    this.turned = part("button", "", { type: "button", textContent: "Light and dark the other way", onclick: () => panel.fresh.own.invert() });
    this.head = panel.head(this, []);
    const bar = part("div", "row");
    bar.append(this.turned);
    this.how = part("p", "hint", { textContent: "Placed without moving the map." });
    this.host = part("div", "strip");
    this.root.append(this.head.root, this.how, bar, this.host);
  }

  forget() {
    this.strip = null;
    this.extra = [];
  }

  close() {
    this.extra = [];
    this.panel.mark({ extra: [] });
    this.panel.hide("placed");
  }

  // Examples `x` at places `at` of the map, in a colour; `own` whether it is the visitor's.
  show({ x, at }, colour, own) {
    const { panel } = this;
    const n = at.shape[0];
    const dims = at.shape[1];
    this.head.title.textContent = own ? "Your image" : `${several(n, "sample")} of the model`;
    this.turned.hidden = !own;
    if (!this.strip) {
      this.host.replaceChildren();
      this.strip = new Strip(this.host, panel.shape, null, (k) => panel.mark({ extra: k === null ? this.extra : [this.extra[k]] }));
    }
    this.host.classList.toggle("single", n === 1);
    this.strip.fill(Array.from({ length: n }, (_, k) => ({ row: k, label: own ? "Your image" : `Sample ${k + 1}`, colour })));
    this.extra = this.strip.items.map(({ picture }, k) => {
      picture.show(example(x, k));
      return { at: Array.from(at.data.subarray(k * dims, (k + 1) * dims)), colour, image: panel.images ? picture.root : null };
    });
    panel.mark({ extra: this.extra });
    panel.show("placed");
  }
}

const SAMPLES = 64;

// Where new points come from.
class NewPoints {
  constructor(panel) {
    Object.assign(this, { panel, seed: -1 });
    this.root = part("div", "fresh", { hidden: true }); // until a map says what can be placed on it
    this.own = new Own(panel.map.root, (pixels) => this.placing.want({ y: panel.given }, pixels), (text) => panel.say(text));
    this.own.button.title = "Choose a picture, drop one on the map, or paste one";
    this.samples = part("button", "", { type: "button", onclick: () => this.sample() });
    this.told = part("select", "", { ariaLabel: "Class that the model is told" });
    this.told.onchange = () => panel.cards.place.told();
    const bar = part("div", "row");
    bar.append(part("span", "title", { textContent: "Place" }), this.told, this.samples, this.own.drawing, this.own.button, this.own.file);
    this.note = part("p", "hint", { hidden: true });
    this.root.append(bar, this.note, this.own.sheetHost);
    this.placing = new Latest((values, body) => this.ask(values, body), ({ arrays }, _, body) => this.placed(arrays, body), (error) => panel.say(error.message));
  }

  fill(meta) {
    this.root.hidden = false;
    // Without a panel nobody sees what is pasted or dropped.
    this.own.shape = this.panel.shown && this.panel.images && meta.can_place ? meta.shape : null;
    this.samples.textContent = `${SAMPLES} samples`;
    this.samples.hidden = !meta.can_sample;
    this.own.button.hidden = this.own.drawing.hidden = !this.panel.images || !meta.can_place;
    this.told.hidden = !meta.told;
    this.told.replaceChildren(...meta.classes.map((name, y) => part("option", "", { value: y, textContent: `as ${name}` })));
    this.note.hidden = meta.can_place;
    this.note.textContent = "New points cannot be placed on this map without moving it.";
  }

  sample() {
    this.seed += 1;
    this.samples.textContent = "Other samples";
    this.placing.want({ samples: SAMPLES, seed: this.seed, y: this.panel.given }, new Uint8Array());
  }

  async ask(values, body) {
    this.panel.say("Placing …");
    return this.panel.postPlaces("place", body, values);
  }

  placed({ x, at }, body) {
    this.panel.say("");
    const own = body.length > 0;
    const { accent, generated } = this.panel.map.data;
    this.panel.cards.placed.show({ x, at }, own ? accent : generated, own);
  }

  close() {
    this.placing.drop();
    this.own.close();
  }
}
