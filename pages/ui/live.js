// The picture of a run: the newest frame by stream, every snapshot on a time slider that needs no server once loaded.
// Bytes instead of a run's description are a picture that stands still (a look at the data). Several pictures may
// share one clock, and with it one slider and one latent cursor; that slider is then a component of its own.

const html = (tag, name, text = "") => {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = text;
  return element;
};

// What canvases need of the page's theme.
function themeOf(element) {
  const style = getComputedStyle(element);
  return {
    text: style.getPropertyValue("--st-text-color") || "#333",
    border: style.getPropertyValue("--st-border-color") || "#ddd",
    font: style.getPropertyValue("--st-font") || "sans-serif",
    accent: style.getPropertyValue("--st-primary-color") || "#d33",
  };
}

class View {
  constructor(parent) {
    this.parent = parent;
    this.tab = "All";
    this.extents = {};
    this.clock = new Clock();
    this.build();
    this.observer = new ResizeObserver(() => this.paint());
    this.observer.observe(this.root);
  }

  build() {
    this.root = html("div", "picture");
    this.tabs = html("div", "tabs");
    this.when = html("span", "when");
    this.head = html("div", "bar");
    this.head.append(this.tabs, this.when);
    this.panels = html("div", "panels");
    this.note = html("p", "note", "The first picture is on its way.");
    this.panels.append(this.note);
    this.foot = html("div", "foot");
    this.fork = html("button", "small", "Continue from here…");
    this.fork.onclick = () => this.component.setTriggerValue("fork", this.shownStep());
    this.root.append(this.head, this.panels, this.foot);
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
    this.root.classList.toggle("spread", Boolean(data.spread));
    if (this.frames?.run !== data.run) this.watch(data);
    else if (this.state !== data.state) this.frames.again();
    this.state = data.state;
    this.paint();
  }

  watch(data) {
    this.frames?.close();
    this.extents = {};
    this.frames = new Frames(data.run, data.fetch, () => this.clock.renew());
    const clock = data.together ? Clock.named(data.together) : new Clock();
    this.leaveClock();
    this.clock = clock;
    clock.join("members", this);
    // A shared clock has its bar elsewhere.
    this.bar = data.together ? null : new TimeBar(clock);
    this.foot.replaceChildren(...(this.bar ? [this.bar.root] : []));
    (this.bar?.root ?? this.head).append(this.fork);
  }

  leaveClock() {
    this.bar?.close();
    this.clock.leave(this);
  }

  showStill(data) {
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
    const { arrays, meta } = unpack(bytes.slice().buffer);
    this.colours = meta.colours;
    this.classes = meta.classes ?? [];
    this.extents = {};
    this.stillFrame = { ...arrays, examples: true };
    this.paint();
  }

  theme() {
    return themeOf(this.root);
  }

  shown() {
    if (this.stillFrame) return this.stillFrame;
    if (!this.frames) return null;
    const step = this.clock.stepOf(this.frames);
    let frame = step === null ? this.frames.live : this.frames.at(step);
    // What is still on its way leaves the last picture standing.
    if (!frame) {
      this.frames.snapshot(step).then(() => this.clock.tell());
      frame = this.last ?? this.frames.live;
    }
    if (!frame) return null;
    this.last = frame;
    const { first } = this.frames;
    // What never changes is sent once, with the first snapshot.
    return { x: first?.x, y: first?.y, grid: first?.grid, ...frame };
  }

  shownStep() {
    return this.clock.stepOf(this.frames) ?? this.frames.steps.at(-1) ?? 0;
  }

  paint() {
    const frame = this.shown();
    if (!frame || !this.root.clientWidth) return;
    const able = PANELS.filter((panel) => panel.applies(frame) && (!this.only?.length || this.only.includes(panel.name)));
    // Beside others, what can be compared at a glance comes first.
    if (this.component.data.together) able.sort((a, b) => Boolean(b.big) - Boolean(a.big));
    this.arrange(able, frame);
    const main = able.filter((panel) => !panel.aside);
    const first = this.only?.length || !main.length ? able : main;
    this.single = first.filter((panel) => !panel.wide).length === 1;
    const chosen = this.tab === "All" ? first : able.filter((panel) => panel.name === this.tab);
    // Two in a row: the one that would be left over takes a row of its own.
    const halves = chosen.filter((panel) => !panel.wide);
    const odd = halves.length % 2 && halves.length > 1 && !this.component.data.spread ? halves.findLast((panel) => !panel.big) : null;
    for (const { panel, canvas, caption, figure } of this.parts) {
      figure.hidden = !chosen.includes(panel);
      figure.classList.toggle("wide", Boolean(panel.wide || panel === odd || this.single || chosen.length === 1));
      figure.classList.toggle("big", Boolean(panel.big));
      figure.classList.toggle("alone", chosen.length === 1);
      if (figure.hidden) continue;
      const title = panel.title(frame);
      // The same words written anew would make the browser lay out the page again.
      if (caption.textContent !== title) caption.textContent = caption.title = title;
      canvas.ariaLabel = `${title}, step ${frame.step}`;
      panel.draw(this, canvas, frame, chosen.length === 1, panel === odd);
    }
    const epoch = frame.epoch === undefined ? "" : ` · epoch ${Math.floor(frame.epoch).toLocaleString("en")}`;
    this.when.textContent = frame.step === undefined ? "" : `step ${frame.step.toLocaleString("en")}${epoch}`;
    this.root.dataset.step = frame.step ?? "";
    this.root.dataset.loaded = Boolean(this.frames?.complete);
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
      if (panel.pointed) this.pointing(canvas);
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

  // The latent cursor follows the pointer; a click pins it, another one lets it go; arrow keys move it.
  pointing(canvas) {
    const { clock } = this;
    const placeAt = (event) => {
      const box = canvas.getBoundingClientRect();
      return canvas.placeOf?.(event.clientX - box.left, event.clientY - box.top) ?? null;
    };
    canvas.tabIndex = 0;
    canvas.onpointermove = (event) => clock.pinned || clock.point(placeAt(event));
    canvas.onpointerleave = () => clock.pinned || clock.point(null);
    canvas.onclick = (event) => clock.point(placeAt(event), !clock.pinned);
    canvas.onkeydown = (event) => {
      const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (event.key === "Escape") clock.point(null);
      if (!move || !canvas.reach) return;
      const old = clock.place ?? canvas.placeOf(canvas.clientWidth / 2, canvas.clientHeight / 2);
      clock.point(old.map((value, k) => value + (move[k] * canvas.reach[k]) / 40), true);
      event.preventDefault();
      event.stopPropagation();
    };
  }

  close() {
    this.observer.disconnect();
    this.leaveClock();
    this.frames?.close();
  }
}

export default function (component) {
  const { parentElement: parent, data } = component;
  const view = (parent.view ??= data.lines ? new SharedBar(parent) : new View(parent));
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
