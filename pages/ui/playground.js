// A run on points as a playground: what G makes and what D thinks of it, in layers that one switches, gliding from
// frame to frame; beside it how many samples lie at each mode, and the networks; below it time and curves.

const LAYERS = [
  ["real", "Real"],
  ["generated", "Generated"],
  ["surface", "D's verdict"],
  ["push", "Push of D on G"],
  ["manifold", "G's manifold"],
];
const MAIN = "[data-testid=stMain]";
const NARROW = 620; // pixels: below, everything stands under the picture
const LEAST_TALL = 300;
const SHARE_TALL = 0.52; // of the window's height
const BEFORE_ALARM = 6; // stops that a replay begins before the alarm
const LEGENDS = {
  real: "Points of the data",
  generated: "What G makes of 512 draws of noise that never change",
  surface: "Blue where D says real, orange where it says generated, nothing where it cannot tell",
  push: "Arrows: where D's judgement sends a generated point",
  manifold: "An even grid of z as G warps it: the more opaque a cell, the denser the points",
};

class PlayView {
  constructor(parent) {
    this.parent = parent;
    this.layers = new Set(LAYERS.map(([name]) => name));
    this.morph = 1;
    this.canvas = new PlayCanvas(this);
    this.bars = new PlayBars(this);
    this.networks = new PlayNetworks(this);
    this.clock = new Clock();
    this.root = html("div", "ground");
    this.build();
    parent.append(this.root);
    this.theme = css(this.root);
    this.observer = new ResizeObserver(() => this.wake(true));
    this.observer.observe(this.root);
  }

  get small() {
    return this.data?.size === "small";
  }

  build() {
    this.chips = part("div", "chips", { role: "group", ariaLabel: "Layers" });
    this.chips.append(...LAYERS.map(([name, title]) => {
      const chip = html("button", `chip ${name}`, title);
      chip.dataset.layer = name;
      chip.onclick = () => this.toggle(name);
      return chip;
    }));
    this.when = html("span", "when");
    this.head = html("div", "bar");
    this.head.append(this.chips, this.when);
    this.legend = html("div", "says");
    this.note = html("p", "note", "The first picture is on its way.");
    this.slide = Object.assign(html("input"), { type: "range", min: 0, max: 1, step: 0.01, value: 1 });
    this.slide.ariaLabel = "From the latent space to data space";
    this.slide.oninput = () => { this.morph = Number(this.slide.value); this.wake(true); };
    this.morphing = html("label", "morph");
    this.morphing.append(html("span", "", "latent z"), this.slide, html("span", "", "data"));
    this.alarm = part("div", "alarm", { role: "status", hidden: true });
    this.left = html("div", "left");
    this.left.append(this.note, this.canvas.canvas, this.morphing);
    const side = html("div", "side");
    // One place for what is said of the picture, and of a stage while there is one: nothing below it moves.
    const words = html("div", "words");
    words.append(this.networks.said, this.legend);
    side.append(this.bars.root, this.networks.root, words);
    this.stage = html("div", "stage");
    this.stage.append(this.left, side);
    this.foot = html("div", "foot");
    this.curves = new PlayCurves(this);
    this.root.append(this.head, this.stage, this.foot, this.alarm, this.curves.root);
    this.sayAlarm();
  }

  // The badge of an alarm: what happened, and two ways to see it.
  sayAlarm() {
    this.happened = html("span", "happened");
    const jump = html("button", "small", "Jump to it");
    jump.onclick = () => { this.clock.stop(); this.goTo(this.frames.alarms.at(-1), 0); };
    const replay = html("button", "small replay", "Replay the hopping");
    replay.onclick = () => this.replay();
    this.alarm.append(this.happened, jump, replay);
  }

  // `before` stops before a step, once the film is here.
  async goTo(step, before) {
    await this.frames.readFilm(true);
    this.clock.renew();
    this.clock.show(Math.max(0, placeOf(this.clock, step) - before));
  }

  async replay() {
    await this.goTo(this.frames.alarms[0], BEFORE_ALARM);
    this.clock.play();
  }

  toggle(name) {
    this.switched = true;
    this.layers[this.layers.has(name) ? "delete" : "add"](name);
    this.component.setStateValue("layers", LAYERS.map(([one]) => one).filter((one) => this.layers.has(one)));
    if (this.last) this.describe(this.last);
    this.wake(true);
  }

  // -- what Streamlit says ------------------------------------------------------------------------------------------

  update(component) {
    const { data } = component;
    this.component = component;
    this.data = data;
    this.colours = data.colours;
    [this.floors, this.units] = [data.floors, data.units];
    this.theme = css(this.root);
    this.root.classList.toggle("mini", this.small);
    // What was switched here is newer than what the server still shows.
    if (data.layers && !this.switched) this.layers = new Set(data.layers);
    this.networks.update(this.small ? null : data.networks);
    for (const chip of this.chips.children) {
      const [legend, gan] = [LEGENDS[chip.dataset.layer], Boolean(data.networks)];
      chip.title = gan ? legend : legend.replace(/\bG\b/, "the decoder");
      if (!gan) chip.textContent = chip.textContent.replace(/^G\b/, "Decoder");
    }
    if (this.frames?.run !== data.run) this.watch(data);
    else if (this.state !== data.state) this.frames.again();
    this.frames.know(data.centres);
    this.state = data.state;
    this.paint();
    this.wake(true);
  }

  watch(data) {
    // Whoever has just started a run, perhaps from the foot of the page, sees it from the top.
    if (!this.frames && !this.small) this.root.getRootNode().host?.closest(MAIN)?.scrollTo(0, 0);
    this.frames?.close();
    this.leaveClock();
    this.frames = new PlayFrames(data.run, data.fetch, () => this.clock.renew());
    if (!this.small) this.frames.follow();
    this.clock = data.together ? Clock.named(data.together) : new Clock();
    this.clock.join("members", this);
    // A shared clock has its bar elsewhere.
    this.bar = data.together ? null : new TimeBar(this.clock);
    this.marks = this.bar && new AlarmMarks(this.bar);
    this.foot.replaceChildren(...(this.bar ? [this.bar.root] : []));
    this.bar?.root.append(pictureButton(() => [{ name: this.data.title, view: this }]));
    if (this.bar && data.fork) {
      const fork = html("button", "small", "Continue from here…");
      fork.onclick = () => this.component.setTriggerValue("fork", this.clock.stepOf(this.frames) ?? this.frames.steps.at(-1) ?? 0);
      this.bar.root.append(fork);
    }
  }

  leaveClock() {
    this.bar?.close();
    this.clock.leave(this);
  }

  // -- what is seen -------------------------------------------------------------------------------------------------

  // The picture has the form of the data's box; beside it is room for bars and networks, unless the page is narrow.
  fit(box) {
    const form = Math.max(0.7, Math.min(1.9, (box[1] - box[0]) / (box[3] - box[2])));
    const room = this.stage.clientWidth;
    const alone = this.small || room < NARROW;
    const tall = this.small ? room : Math.max(LEAST_TALL, window.innerHeight * SHARE_TALL);
    const empty = this.bars.root.hidden && this.networks.root.hidden;
    const width = Math.round(Math.min(alone || empty ? room : 0.62 * room, tall * form));
    this.root.classList.toggle("narrow", alone);
    const given = alone ? "" : `${width}px`;
    if (this.left.style.width !== given) this.left.style.width = given;
    const across = alone ? room : width;
    return { width: across, height: Math.round(across / form) };
  }

  // Whether a layer is drawn: what the film leaves out would only flash up at a snapshot while it plays.
  draws(layer) {
    const filmed = this.clock.playing && this.frames.filmed;
    return this.layers.has(layer) && !(filmed && !this.frames.filmHolds(layer) && layer !== "real");
  }

  shown() {
    const { frames, clock } = this;
    const step = clock.stepOf(frames);
    const frame = step === null ? frames.live : frames.at(step);
    if (!frame && step !== null) frames.snapshot(step).then(() => clock.tell());
    return frame ?? null;
  }

  // Called by the clock whenever there may be something else to see.
  paint() {
    const frame = this.frames && this.shown();
    if (frame && frame !== this.last) this.take(frame);
    if (!this.last) return;
    const newest = this.clock.at === null;
    const { leader } = this.bars;
    // Which mode is the present one matters where time is looked at, not while points still arrive.
    this.leader = !newest && leader !== null ? (this.data.centres?.[leader] ?? null) : null;
    const at = `step ${(this.last.step ?? 0).toLocaleString("en")}`;
    const hop = this.leader ? ` · most samples at mode ${leader + 1}` : "";
    if (this.when.textContent !== at + hop) this.when.textContent = at + hop;
    this.root.dataset.step = this.last.step ?? "";
    this.root.dataset.loaded = Boolean(this.frames.complete);
    this.paintAlarms();
    if (!this.small) this.curves.paint();
    this.wake();
  }

  take(frame) {
    const now = performance.now();
    const { clock, frames } = this;
    const lasts = clock.playing ? 1000 / RATE / clock.speed : clock.at === null && this.arrived ? now - this.arrived : DRAGGED;
    this.arrived = now;
    this.last = frame;
    this.note.hidden = true;
    // What never changes is sent once, with the first snapshot.
    const { x, noise, manifold_z, surface_box } = frames.first ?? {};
    this.canvas.show({ x, noise, manifold_z, surface_box, ...frame }, lasts);
    this.bars.show(frame, this.data.centres, Math.min(lasts, SLOWEST));
    this.networks.show(frame);
    this.morphing.hidden = this.small || !noise;
    this.describe(frame);
  }

  // What there is to switch, and what is said of the layers that are on.
  describe(frame) {
    const has = { real: this.frames.first?.x, generated: frame.samples, surface: frame.surface, push: frame.push, manifold: frame.manifold };
    for (const chip of this.chips.children) {
      this.offered ??= new Set();
      if (has[chip.dataset.layer]) this.offered.add(chip.dataset.layer);
      chip.hidden = !this.offered.has(chip.dataset.layer);
      chip.ariaPressed = String(this.layers.has(chip.dataset.layer));
    }
    const words = [];
    if (this.layers.has("push") && frame.push) words.push(`Mean push of D: along it G's loss falls by ${Number(meanPush(frame.push).toPrecision(2))} per data unit`);
    const outside = frame.samples ? this.canvas.outside() : 0;
    if (outside) words.push(`${outside} of ${frame.samples.shape[0]} samples outside the picture, shown at its edge`);
    if (frame.filmed && !frame.surface) words.push("Of this moment only the samples were kept");
    const text = frame.stage ? "" : words.join(" · ");
    if (this.legend.textContent !== text) this.legend.textContent = text;
    this.canvas.canvas.ariaLabel = `Real and generated points, step ${frame.step}`;
  }

  paintAlarms() {
    const { alarms } = this.frames;
    this.alarm.hidden = this.small || !alarms.length;
    this.root.dataset.alarms = alarms.length;
    if (!alarms.length) return;
    const back = this.frames.recovered.at(-1);
    this.alarm.classList.toggle("over", Boolean(back)); // modes that are back are no reason for red
    const times = alarms.length > 1 ? ` (alarm ${alarms.length})` : "";
    const text = `Modes dropped out at step ${alarms.at(-1).toLocaleString("en")}${back ? `, found again at ${back.toLocaleString("en")}` : ""}${times}`;
    if (this.happened.textContent !== text) this.happened.textContent = text;
    this.marks?.paint(alarms.map((step) => ({ moment: step, text: `Modes dropped out at step ${step.toLocaleString("en")}` })));
  }

  // -- what moves ---------------------------------------------------------------------------------------------------

  // Draw with the next frame of the screen, and go on while something moves.
  wake(all = false) {
    this.all ||= all;
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame((moment) => {
      this.asked = false;
      if (!this.root.isConnected || !this.data) return;
      const everything = this.all;
      this.all = false;
      const flowing = this.frames.state === "running" && this.clock.at === null;
      let moving = this.canvas.moving || everything || this.last !== this.drawn ? this.canvas.draw(moment) : false;
      this.drawn = this.last;
      if (this.bars.draw(moment, everything)) moving = true;
      if (this.networks.draw(moment, flowing, everything)) moving = true;
      if (everything && !this.small) this.curves.paint();
      if (moving) this.wake();
    });
  }

  close() {
    this.observer.disconnect();
    this.leaveClock();
    this.frames?.close();
  }
}

export default function (component) {
  const { parentElement: parent, data } = component;
  const view = (parent.view ??= data.lines ? new PlayTable(parent) : new PlayView(parent));
  view.turn = (view.turn ?? 0) + 1;
  const { turn } = view;
  view.update(component);
  // Streamlit also cleans up between two calls for one picture; only a picture that is not called again is closed.
  return () => setTimeout(() => {
    if (view.turn !== turn || view.root.isConnected) return;
    view.close();
    delete parent.view;
  }, 200);
}
