// The live picture of a run: newest frame by stream, every snapshot on a time slider that needs no server once loaded.
// Bytes instead of a run's description are a picture that stands still (a look at the data).

const html = (tag, name, text = "") => {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = text;
  return element;
};

class View {
  constructor(parent) {
    this.parent = parent;
    this.frames = new Map(); // step -> frame, or the promise of one
    this.steps = [];
    this.held = null; // the step at which the slider rests; null = newest
    this.tab = "All";
    this.build();
    this.observer = new ResizeObserver(() => this.paint());
    this.observer.observe(this.root);
  }

  build() {
    this.root = html("div", "picture");
    this.tabs = html("div", "tabs");
    this.when = html("span", "when");
    const bar = html("div", "bar");
    bar.append(this.tabs, this.when);
    this.panels = html("div", "panels");
    this.note = html("p", "note", "The first picture is on its way.");
    this.panels.append(this.note);
    this.time = html("div", "time");
    this.playButton = html("button", "small", "▶");
    this.playButton.title = this.playButton.ariaLabel = "Play the training from the start";
    this.playButton.onclick = () => (this.playing ? this.stop() : this.play());
    this.slider = Object.assign(html("input"), { type: "range", min: 0, max: 1, value: 1, step: 1 });
    this.slider.ariaLabel = "Time: drag to see earlier steps";
    this.slider.oninput = () => { this.stop(); this.hold(Number(this.slider.value)); };
    this.newest = html("button", "small", "Newest");
    this.newest.onclick = () => { this.stop(); this.hold(this.steps.length); };
    this.fork = html("button", "small", "Continue from here…");
    this.fork.onclick = () => this.component.setTriggerValue("fork", this.shownStep());
    this.time.append(this.playButton, this.slider, this.newest, this.fork);
    this.root.append(bar, this.panels, this.time);
    this.parent.append(this.root);
  }

  // Called at the start and whenever Streamlit has new data, a new theme included.
  update(component) {
    this.component = component;
    const data = component.data;
    const still = data instanceof Uint8Array || data instanceof ArrayBuffer;
    this.root.classList.toggle("still", still);
    if (still) return this.showStill(data);
    this.colours = data.colours;
    this.classes = data.classes;
    this.fork.hidden = !data.fork;
    this.only = data.only;
    this.nothing = data.nothing;
    this.single = false;
    if (this.run !== data.run || this.state !== data.state) {
      if (this.run !== data.run) { this.frames.clear(); this.steps = []; this.held = null; this.first = null; this.live = null; this.extents = {}; }
      this.run = data.run;
      this.state = data.state;
      this.leave?.();
      this.leave = hub.watch(data.run, (news) => this.hear(news));
    }
    this.paint();
  }

  showStill(data) {
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
    const { arrays, meta } = unpack(bytes.slice().buffer);
    this.colours = meta.colours;
    this.classes = meta.classes ?? [];
    this.extents = {};
    this.live = { ...arrays, examples: true };
    this.first = {};
    this.paint();
  }

  theme() {
    const style = getComputedStyle(this.root);
    return {
      text: style.getPropertyValue("--st-text-color") || "#333",
      border: style.getPropertyValue("--st-border-color") || "#ddd",
      font: style.getPropertyValue("--st-font") || "sans-serif",
    };
  }

  async hear(news) {
    this.slider.disabled = !news.snapshots.length;
    if (String(news.snapshots) !== String(this.steps)) {
      // A resumed run may write steps anew.
      if (this.steps.some((step) => !news.snapshots.includes(step))) this.frames.clear();
      this.steps = news.snapshots;
      this.slider.max = this.steps.length;
      if (this.held === null) this.slider.value = this.steps.length;
    }
    if (!this.first && this.steps.length) this.first = await this.snapshot(this.steps[0]);
    const ended = !["queued", "running", "paused"].includes(news.state);
    this.news = news;
    if (ended) this.prefetch();
    await this.newestFrame(news, ended);
    if (this.held === null) this.paint();
  }

  async newestFrame(news, ended) {
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

  async load(address) {
    let bytes;
    try {
      const answer = await fetch(address);
      if (!answer.ok) return null;
      bytes = await answer.arrayBuffer();
    } catch {
      return null; // the server is gone, perhaps for a while
    }
    const { arrays, meta } = unpack(bytes);
    return { ...arrays, step: meta.step ?? 0, epoch: meta.epoch, seconds: meta.seconds };
  }

  async snapshot(step) {
    if (!this.frames.has(step)) {
      const promise = this.load(`/api/snapshot/${this.run}/${step}`);
      this.frames.set(step, promise);
      const frame = await promise.catch(() => null);
      if (frame) this.frames.set(step, frame);
      else this.frames.delete(step);
      return frame;
    }
    return this.frames.get(step);
  }

  async prefetch() {
    if (this.fetching) return;
    this.fetching = true;
    for (const step of [...this.steps]) await this.snapshot(step);
    this.fetching = false;
  }

  async hold(position) {
    this.slider.value = position;
    this.held = position >= this.steps.length ? null : this.steps[position];
    this.prefetch();
    if (this.held !== null) await this.snapshot(this.held);
    this.paint();
  }

  async play() {
    this.playing = true;
    this.playButton.textContent = "❚❚";
    let position = Number(this.slider.value) >= this.steps.length ? 0 : Number(this.slider.value);
    while (this.playing && position <= this.steps.length) {
      await this.hold(position++);
      await new Promise((done) => setTimeout(done, 140));
    }
    this.stop();
  }

  stop() {
    this.playing = false;
    this.playButton.textContent = "▶";
  }

  shown() {
    const held = this.held === null ? null : this.frames.get(this.held);
    const frame = held && !(held instanceof Promise) ? held : this.live;
    if (!frame) return null;
    // What never changes is sent once, with the first snapshot.
    return { x: this.first?.x, y: this.first?.y, grid: this.first?.grid, ...frame };
  }

  shownStep() {
    return this.held ?? this.steps.at(-1) ?? 0;
  }

  paint() {
    const frame = this.shown();
    if (!frame || !this.root.clientWidth) return;
    const able = PANELS.filter((panel) => panel.applies(frame) && (!this.only?.length || this.only.includes(panel.name)));
    this.arrange(able, frame);
    const main = able.filter((panel) => !panel.aside);
    const first = this.only?.length || !main.length ? able : main;
    this.single = first.filter((panel) => !panel.wide).length === 1;
    const chosen = this.tab === "All" ? first : able.filter((panel) => panel.name === this.tab);
    for (const { panel, canvas, caption, figure } of this.parts) {
      figure.hidden = !chosen.includes(panel);
      figure.classList.toggle("wide", Boolean(panel.wide || this.single || chosen.length === 1));
      if (figure.hidden) continue;
      caption.textContent = panel.title(frame);
      canvas.ariaLabel = `${panel.title(frame)}, step ${frame.step}`;
      panel.draw(this, canvas, frame, chosen.length === 1);
    }
    const epoch = frame.epoch === undefined ? "" : ` · epoch ${Math.floor(frame.epoch).toLocaleString("en")}`;
    this.when.textContent = frame.step === undefined ? "" : `step ${frame.step.toLocaleString("en")}${epoch}`;
    this.newest.disabled = this.held === null;
    this.root.dataset.step = frame.step ?? "";
  }

  // Builds tabs and figures anew only when other panels apply.
  arrange(able, frame) {
    const names = able.map((panel) => panel.name).join();
    if (names === this.arranged) return;
    this.arranged = names;
    if (!able.some((panel) => panel.name === this.tab)) this.tab = "All";
    // Two panels of one name stand side by side under one tab.
    const tabs = [...new Set(able.map((panel) => panel.name))];
    this.tabs.replaceChildren(...(tabs.length > 1 ? ["All", ...tabs] : []).map((name) => {
      const button = html("button", "tab", name);
      button.ariaPressed = String(name === this.tab);
      button.onclick = () => {
        this.tab = name;
        for (const other of this.tabs.children) other.ariaPressed = String(other === button);
        this.paint();
      };
      return button;
    }));
    this.parts = able.map((panel) => {
      const figure = html("figure");
      const caption = html("figcaption");
      const canvas = html("canvas");
      canvas.role = "img";
      const legend = html("div", "legend");
      for (const [name, colour] of panel.legend?.(this, frame) ?? []) {
        const item = html("span", "", name);
        item.style.setProperty("--dot", colour);
        legend.append(item);
      }
      figure.append(caption, canvas, legend);
      return { panel, figure, caption, canvas };
    });
    this.panels.replaceChildren(...this.parts.map((part) => part.figure));
    if (!able.length) this.panels.append(html("p", "note", this.nothing));
  }

  close() {
    this.stop();
    this.observer.disconnect();
    this.leave?.();
  }
}

export default function (component) {
  const { parentElement: parent } = component;
  const view = (parent.view ??= new View(parent));
  view.turn = (view.turn ?? 0) + 1;
  const turn = view.turn;
  view.update(component);
  // Streamlit also cleans up between two calls for one picture; only a picture that is not called again is closed.
  return () => setTimeout(() => {
    if (view.turn !== turn || view.root.isConnected) return;
    view.close();
    delete parent.view;
  }, 200);
}
