// What the playground knows of a run: its frames, its film (samples and modes, every few steps), its alarms.

const FILM_AGAIN = 4000; // milliseconds between two readings of a film that still grows
const MOST_SEEN = 4000; // counts of modes that are remembered from live frames

class PlayFrames extends Frames {
  alarms = []; // steps at which modes dropped out
  seen = new Map(); // step -> counts per mode, of every frame that came by

  hear(news) {
    this.alarms = news.alarms ?? [];
    return super.hear(news);
  }

  async load(address) {
    const found = await this.fetched(address);
    if (!found) return null;
    const frame = { stage: null, phase: null, ...found.arrays, ...found.meta };
    this.remember(frame);
    return frame;
  }

  remember({ step, modes }) {
    if (!modes) return;
    if (this.seen.size < MOST_SEEN || this.seen.has(step)) this.seen.set(step, modes.data);
  }

  // Every step of which at least the samples are kept.
  get moments() {
    const kept = this.steps ?? [];
    if (!this.film?.steps.length) return kept;
    if (this.joined !== kept || this.joinedFilm !== this.film) {
      [this.joined, this.joinedFilm] = [kept, this.film];
      this.all = [...new Set([...kept, ...this.film.steps])].sort((a, b) => a - b);
    }
    return this.all;
  }

  at(step) {
    return super.at(step) ?? this.film?.frames.get(step) ?? null;
  }

  prefetch() {
    this.readFilm();
    return super.prefetch();
  }

  async readFilm() {
    if (this.filming || this.mark === this.filmed) return;
    this.filming = true;
    const mark = this.mark;
    const found = await this.fetched(`/api/film/${this.run}`);
    if (found?.arrays.steps) {
      this.film = this.unrolled(found.arrays);
      this.filmed = mark;
      this.changed();
    }
    // A film is written anew every few seconds; one that has ended is read once.
    if (!ENDED(this.state)) await new Promise((done) => setTimeout(done, FILM_AGAIN));
    this.filming = false;
  }

  // The film as frames by step: each holds what is kept of it, by the names of other frames.
  unrolled({ steps, ...layers }) {
    const frames = new Map();
    steps.data.forEach((step, k) => {
      const frame = { step, filmed: true };
      for (const [name, { data, shape: [, ...shape] }] of Object.entries(layers)) {
        const size = shape.reduce((product, n) => product * n, 1);
        frame[name] = { data: data.subarray(k * size, (k + 1) * size), shape };
      }
      frames.set(step, frame);
      this.remember(frame);
    });
    return { steps: [...steps.data], frames };
  }
}
