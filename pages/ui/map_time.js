// A map in time: its frames on the shared slider, gliding from one to the next, and a map that is still being computed.

const GLIDE = 140; // milliseconds from one frame to the next under the hand
const ASK_EVERY = 200; // milliseconds, while a map is being computed
const LEAD = 1.25; // a glide is this much longer than the time between frames, so that it does not halt

class MapTime {
  constructor(map) {
    this.map = map;
    this.host = part("div", "timehost");
    this.steps = [];
    this.kept = new Map(); // k -> ranges of frame k
  }

  // -- frames: the clock's idea of them (see clock.js) --------------------------------------------------------------

  // A map that has come: its frames, if there are any. `moving`: it was seen while it was being computed.
  fill({ at, frames, steps }, meta, moving) {
    this.kept.clear();
    this.last = at;
    this.frames = frames && steps && steps.data.length > 1 ? frames : null;
    this.steps = this.frames ? Array.from(steps.data) : [];
    this.whole = meta.step_unit === "step"; // training's own steps keep one scale, an optimiser's have none
    this.run = `${meta.request?.run}/${this.map.data.key}`;
    this.total = this.steps.at(-1) ?? 0;
    this.now = null;
    this.join(meta.step_unit);
    if (moving) this.glide(at, this.ranges(null), ASK_EVERY);
    else this.land(at);
  }

  // All frames came with the map.
  prefetch() {}

  at(step) {
    return this.steps.includes(step);
  }

  join(unit) {
    const wanted = this.steps.length ? this.map.data.together || `map ${this.map.data.run}/${this.map.data.key}` : null;
    if (wanted === this.name) return this.clock?.renew();
    this.clock?.leave(this.member);
    this.bar?.close();
    this.host.replaceChildren();
    Object.assign(this, { name: wanted, clock: null, bar: null });
    if (!wanted) return;
    this.clock = Clock.named(wanted);
    this.clock.unit = unit ?? "step";
    this.member = { frames: this, paint: () => this.tick() };
    this.clock.join("members", this.member);
    this.when = part("span", "when");
    // Where one bar moves several maps, each only says which moment it shows.
    if (this.map.data.slider === false) return this.host.append(this.when);
    this.bar = new TimeBar(this.clock);
    this.bar.root.insertBefore(this.when, this.bar.speed);
    this.host.append(this.bar.root);
  }

  show(frame) {
    this.clock?.show(frame === null ? Infinity : frame);
  }

  // The clock moved.
  tick() {
    if (!this.clock || !this.steps.length) return;
    const step = this.clock.stepOf(this);
    const k = step === null ? null : this.steps.indexOf(step);
    this.when.textContent = step === null ? `${this.clock.unit} ${this.total.toLocaleString("en")}` : moment(this.clock, this.clock.at);
    if (k === this.now) return;
    this.now = k;
    this.map.root.dataset.frame = k ?? "newest";
    const length = this.clock.playing ? (1000 / RATE / this.clock.speed) * LEAD : GLIDE;
    this.glide(k === null ? this.last : this.frame(k), this.ranges(k), length);
  }

  frame(k) {
    const [, n, d] = this.frames.shape;
    return { data: this.frames.data.subarray(k * n * d, (k + 1) * n * d), shape: [n, d] };
  }

  // What the first view of frame k holds (null: of the map itself).
  ranges(k) {
    const key = this.whole ? "all" : k;
    if (!this.kept.has(key)) this.kept.set(key, key === "all" ? this.joint() : rangesOf(k === null ? this.last : this.frame(k)));
    return this.kept.get(key);
  }

  // One box for all frames and the map itself.
  joint() {
    const all = [rangesOf(this.last), ...this.steps.map((_, k) => rangesOf(this.frame(k)))];
    return all[0].map((_, axis) => [Math.min(...all.map((one) => one[axis][0])), Math.max(...all.map((one) => one[axis][1]))]);
  }

  // -- from place to place ------------------------------------------------------------------------------------------

  // At once.
  land(at) {
    this.from = null;
    this.map.at = { data: at.data, shape: at.shape };
    this.map.camera.hold(this.ranges(this.now));
    this.map.paint();
  }

  // Smoothly from where the points and the view are now.
  glide(to, ranges, length) {
    const { map } = this;
    if (!map.at || map.at.data.length !== to.data.length || calm.matches) {
      map.at = to;
      map.camera.hold(ranges);
      map.paint();
      return;
    }
    this.from = { data: map.at.data.slice(), ranges: map.camera.box };
    const state = { data: new Float32Array(to.data.length), shape: to.shape };
    const [{ from }, began] = [this, performance.now()];
    const turn = (now) => {
      if (this.from !== from) return; // another glide has taken over
      const share = Math.min(1, Math.max(0, (now - began) / length));
      for (let i = 0; i < state.data.length; i++) state.data[i] = from.data[i] + (to.data[i] - from.data[i]) * share;
      map.at = share < 1 ? state : to;
      map.camera.hold(ranges.map((range, k) => range.map((v, side) => from.ranges[k][side] + (v - from.ranges[k][side]) * share)));
      map.move();
      if (share < 1) requestAnimationFrame(turn);
      else this.from = null;
    };
    requestAnimationFrame(turn);
  }

  // -- while it is being computed -----------------------------------------------------------------------------------

  // Asks for the newest state until the map itself is there.
  async follow(turn) {
    const { map } = this;
    let last = null;
    while (turn === map.turn && map.root.isConnected) {
      const live = await fetched(map.address("live")).catch(() => null);
      if (turn !== map.turn) return;
      if (live && live.meta.step !== last) {
        last = live.meta.step;
        map.arriveLive(live);
      }
      if (!live && (await map.load(turn))) return;
      if (turn === map.turn && map.root.dataset.state === "opening") map.root.dataset.state = "waiting";
      await new Promise((done) => setTimeout(done, ASK_EVERY));
    }
  }

  close() {
    this.from = null;
    this.clock?.leave(this.member);
    this.bar?.close();
  }
}
