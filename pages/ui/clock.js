// The moment of training that pictures show: one slider for one picture, or for several that share a clock.

const RATE = 10; // snapshots a second at speed 1
const SPEEDS = [0.5, 1, 2, 4];
// The steps at which there is something to see: snapshots, and where a film is kept its frames too.
const stopsOf = (frames) => frames?.moments ?? frames?.steps ?? [];
const NEAR = 1 + 1e-9; // shares of training are quotients: equal moments may differ in the last bit

class Clock {
  constructor() {
    this.members = new Set(); // pictures: { frames, paint() }
    this.bars = new Set(); // what moves the clock, and shows it
    this.at = null; // a step, or a share of training; null = the newest of each
    this.by = "step";
    this.unit = "step"; // what the stops count: steps of training, or iterations of a map
    this.speed = 1;
    this.playing = false;
    this.place = null; // the latent cursor, in code units
    this.pinned = false;
    this.stops = [];
  }

  // The clock that all pictures and bars of this name on the page share.
  static named(name) {
    const clocks = (window.latentClocks ??= new Map());
    if (!clocks.has(name)) clocks.set(name, new Clock());
    return clocks.get(name);
  }

  join(set, one) {
    this[set].add(one);
    this.renew();
  }

  leave(one) {
    this.members.delete(one);
    this.bars.delete(one);
    // Whoever comes back later begins anew.
    if (!this.members.size) Object.assign(this, { playing: false, at: null, place: null, pinned: false });
    this.renew();
  }

  // Called when a member has other snapshots.
  renew() {
    const moments = new Map(); // by twelve digits, so that equal shares are one stop
    for (const { frames } of this.members) {
      for (const step of stopsOf(frames)) {
        const moment = this.moment(frames, step);
        moments.set(moment.toPrecision(12), moment);
      }
    }
    this.stops = [...moments.values()].sort((a, b) => a - b);
    this.tell();
  }

  moment(frames, step) {
    return this.by === "step" ? step : step / Math.max(frames.total, 1);
  }

  // The slider's place: one stop after the last is "newest".
  get position() {
    if (this.at === null) return this.stops.length;
    const after = this.stops.findIndex((stop) => stop > this.at * NEAR);
    return Math.max(0, (after < 0 ? this.stops.length : after) - 1);
  }

  // The snapshot of a run that belongs to this moment: the last one not later; null = its newest.
  stepOf(frames) {
    if (this.at === null) return null;
    const steps = stopsOf(frames);
    let found = steps[0] ?? null;
    for (const step of steps) if (this.moment(frames, step) <= this.at * NEAR) found = step;
    return found;
  }

  show(position) {
    const place = Math.max(0, Math.min(this.stops.length, Math.round(position)));
    this.at = place < this.stops.length ? this.stops[place] : null;
    for (const { frames } of this.members) frames?.prefetch();
    this.tell();
  }

  // By step or by share of training: the moment stays that of the first member.
  measure(by) {
    const first = [...this.members][0]?.frames;
    const step = first && this.stepOf(first);
    this.by = by;
    this.at = step === null || !first ? null : this.moment(first, step);
    this.renew();
  }

  get ready() {
    return [...this.members].every(({ frames }) => {
      const step = frames && this.stepOf(frames);
      return !frames || step === null || frames.at(step);
    });
  }

  toggle() {
    if (this.playing) this.stop();
    else this.play();
  }

  play() {
    if (!this.stops.length) return;
    this.playing = true;
    // From the end it begins again.
    this.show(this.position >= this.stops.length - 1 ? 0 : this.position);
    let [place, before] = [this.position, performance.now()];
    const turn = (now) => {
      if (!this.playing) return;
      // What is still on its way is waited for: nothing is skipped.
      if (this.ready) place += (Math.max(0, now - before) / 1000) * RATE * this.speed;
      before = now;
      if (place >= this.stops.length - 1) {
        this.show(Infinity);
        this.stop();
        return;
      }
      if (Math.floor(place) !== this.position) this.show(Math.floor(place));
      requestAnimationFrame(turn);
    };
    requestAnimationFrame(turn);
  }

  stop() {
    this.playing = false;
    this.tell();
  }

  // The latent cursor: it follows the pointer until a click pins it.
  point(place, pinned = this.pinned) {
    this.place = place;
    this.pinned = Boolean(place && pinned);
    this.tell();
  }

  // Everybody draws once, with the next frame of the screen.
  tell() {
    if (this.told) return;
    this.told = true;
    requestAnimationFrame(() => {
      this.told = false;
      for (const one of [...this.members, ...this.bars]) one.paint();
    });
  }
}
