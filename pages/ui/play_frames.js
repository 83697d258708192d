// What the playground knows of a run: its frames, its film (samples and modes, every few steps), its alarms.

const FILM_AGAIN = 4000; // milliseconds between two readings of a film that still grows
// What only a frame of a slow motion holds: it must not be taken over into the next one.
const TURN = { stage: null, turn_z: null, turn_x: null, turn_real: null, turn_judged: null, turn_judged_real: null };
const MOST_SEEN = 4000; // steps of which it is remembered where the samples were

// How many of samples (n, 2) are nearest to each of the centres [[x, y], …].
function nearestCounts({ data, shape: [n] }, centres) {
  const counts = new Int16Array(centres.length);
  for (let i = 0; i < n; i++) {
    let [best, least] = [-1, Infinity];
    for (let k = 0; k < centres.length; k++) {
      const square = (data[2 * i] - centres[k][0]) ** 2 + (data[2 * i + 1] - centres[k][1]) ** 2;
      if (square < least) [best, least] = [k, square];
    }
    if (best >= 0) counts[best]++;
  }
  return counts;
}

class PlayFrames extends Frames {
  alarms = []; // steps at which modes dropped out
  recovered = []; // of each alarm the step at which they were back, or null
  seen = new Map(); // step -> how many samples were nearest to each mode, of every frame that came by

  hear(news) {
    this.alarms = news.alarms ?? [];
    this.recovered = news.recovered ?? [];
    const heard = super.hear(news);
    // Whoever comes later wants to see what was before as well.
    if (this.followed && !this.begun) {
      this.begun = true;
      this.readFilm();
    }
    return heard;
  }

  async load(address) {
    const found = await this.fetched(address);
    if (!found) return null;
    const frame = { ...TURN, ...found.arrays, ...found.meta };
    this.remember(frame);
    return frame;
  }

  // Where the modes are is known only once somebody has worked it out.
  know(centres) {
    if (String(centres) === String(this.centres)) return;
    this.centres = centres;
    this.seen.clear();
    for (const frame of [...this.loaded.values(), ...(this.film?.frames.values() ?? [])]) if (!(frame instanceof Promise)) this.remember(frame);
  }

  remember(frame) {
    if (!this.centres?.length || !frame.samples) return;
    if (this.seen.size < MOST_SEEN || this.seen.has(frame.step)) this.seen.set(frame.step, nearestCounts(frame.samples, this.centres));
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

  // Whether the film itself holds a layer; the points of a frame are its samples.
  filmHolds(layer) {
    const first = this.film?.frames.get(this.film.steps[0]);
    return Boolean(first?.[layer === "generated" ? "samples" : layer]);
  }

  prefetch() {
    this.readFilm();
    return super.prefetch();
  }

  // What of the film is new since it was read last. A film is written anew every few seconds, so it is read no more
  // often than that, unless somebody waits for it "now"; one that has ended is read once.
  readFilm(now = false) {
    const rested = performance.now() - (this.filmedAt ?? -Infinity) > FILM_AGAIN;
    if (!this.filming && this.mark !== this.filmed && (now || rested || ENDED(this.state))) {
      this.filming = this.nextOfFilm().finally(() => { this.filming = null; });
    }
    return this.filming;
  }

  async nextOfFilm() {
    const { mark } = this;
    const last = this.film?.steps.at(-1);
    const found = await this.fetched(`/api/film/${this.run}${last === undefined ? "" : `?after=${last}`}`);
    this.filmedAt = performance.now();
    if (!found?.arrays.steps) return;
    this.unroll(found.arrays);
    this.filmed = mark;
    this.changed();
  }

  // The film as frames by step: each holds what is kept of it, by the names of other frames.
  unroll({ steps, covered, ...layers }) {
    const frames = this.film?.frames ?? new Map();
    steps.data.forEach((step, k) => {
      const frame = { step, filmed: true };
      for (const [name, { data, shape: [, ...shape] }] of Object.entries(layers)) {
        const size = shape.reduce((product, n) => product * n, 1);
        frame[name] = { data: data.subarray(k * size, (k + 1) * size), shape };
      }
      frames.set(step, frame);
      this.remember(frame);
    });
    this.film = { steps: [...frames.keys()].sort((a, b) => a - b), frames };
  }
}
