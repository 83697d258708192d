// A run's pictures as the page has them: every snapshot by its step, loaded once, and the newest frame.

const ENDED = (state) => !["queued", "running", "paused"].includes(state);
const CURVES_EVERY = 1000; // milliseconds
const AT_ONCE = 4; // snapshots that are fetched beside each other

class Frames {
  // `changed` is called when there is something new to show. All snapshots are fetched once the run has "ended", "at
  // once", or when somebody asks.
  constructor(run, fetching, changed) {
    this.run = run;
    this.when = fetching;
    this.changed = changed;
    this.loaded = new Map(); // step -> frame, or the promise of one
    this.steps = [];
    this.total = 0;
    this.live = null;
    this.first = null;
    this.again();
  }

  // Listens to the run (anew, once its state has changed).
  again() {
    this.leave?.();
    this.leave = hub.watch(this.run, (news) => this.hear(news));
  }

  close() {
    this.closed = true;
    this.leave?.();
  }

  // The frame of a step if it is here, else null.
  at(step) {
    const frame = this.loaded.get(step);
    return frame && !(frame instanceof Promise) ? frame : null;
  }

  async hear(news) {
    if (String(news.snapshots) !== String(this.steps)) {
      // A resumed run may write steps anew.
      if (this.steps.some((step) => !news.snapshots.includes(step))) this.loaded.clear();
      this.steps = news.snapshots;
    }
    this.total = news.total || this.steps.at(-1) || 0;
    this.step = news.step;
    this.state = news.state;
    if (!this.first && this.steps.length) this.first = await this.snapshot(this.steps[0]);
    if (this.followed) this.follow();
    const ended = ENDED(news.state);
    if (this.when === "at once" || (ended && this.when === "ended")) this.prefetch();
    await this.newest(news, ended);
    this.changed();
  }

  async newest(news, ended) {
    if (this.loading) return;
    this.loading = true;
    try {
      if (news.frame && !ended && news.frame !== this.frameTime) {
        this.frameTime = news.frame;
        const frame = await this.load(`/api/live/${this.run}?f=${news.frame}`);
        // What costs more to make comes less often: until then the last one stands.
        if (frame) this.live = { ...this.live, ...frame };
      } else if (this.steps.length) {
        const last = await this.snapshot(this.steps.at(-1));
        if (last && (ended || !this.live || last.step >= this.live.step)) this.live = { ...this.live, ...last };
      }
    } finally {
      this.loading = false;
    }
  }

  // A frame, or null where there is none.
  async load(address) {
    const found = await this.fetched(address);
    if (!found) return null;
    const { arrays, meta } = found;
    return { ...arrays, step: meta.step ?? 0, epoch: meta.epoch, seconds: meta.seconds };
  }

  async fetched(address) {
    try {
      const answer = await fetch(address);
      return answer.status === 200 ? unpack(await answer.arrayBuffer()) : null; // 204: no such picture, or no longer
    } catch {
      return null; // the server is gone, perhaps for a while
    }
  }

  get mark() {
    return `${this.step} ${this.state}`;
  }

  // From now on also the curves, `scalars` by name as (2, n), steps over values: at most once a second.
  async follow() {
    this.followed = true;
    if (this.reading || this.mark === this.read || this.step === undefined) return;
    this.reading = true;
    const mark = this.mark;
    const found = await this.fetched(`/api/scalars/${this.run}`);
    if (found) [this.scalars, this.read] = [found.arrays, mark];
    this.changed();
    await new Promise((done) => setTimeout(done, CURVES_EVERY));
    this.reading = false;
    if (found && !this.closed) this.follow();
  }

  async snapshot(step) {
    if (!this.loaded.has(step)) {
      const promise = this.load(`/api/snapshot/${this.run}/${step}`);
      this.loaded.set(step, promise);
      const frame = await promise.catch(() => null);
      if (frame) this.loaded.set(step, frame);
      else this.loaded.delete(step);
      return frame;
    }
    return this.loaded.get(step);
  }

  async prefetch() {
    if (this.fetching) return;
    this.fetching = true;
    const left = this.steps.filter((step) => !this.at(step));
    const fetcher = async () => {
      while (left.length && !this.closed) await this.snapshot(left.shift());
    };
    await Promise.all(Array.from({ length: AT_ONCE }, fetcher));
    this.fetching = false;
    this.changed();
  }

  get complete() {
    return this.steps.length > 0 && this.steps.every((step) => this.at(step));
  }
}
