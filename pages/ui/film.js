// Frames of images that one plays, or leafs through with a slider or the keyboard: all of them are here at once, so
// that nothing waits for the server.

const RATE = 12; // frames a second at speed 1
const SPEEDS = [0.25, 0.5, 1, 2, 4];
const html = (tag, name, text = "") => {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = text;
  return element;
};

class Film {
  constructor(parent) {
    this.at = 0;
    this.way = 1;
    this.root = html("div", "film");
    this.root.role = "group";
    this.screens = html("div", "screens");
    this.caption = html("p", "caption");
    this.slider = Object.assign(html("input"), { type: "range", min: 0, step: 1 });
    this.slider.oninput = () => { this.stop(); this.show(Number(this.slider.value)); };
    this.marks = html("div", "marks");
    const track = html("div", "track");
    track.append(this.slider, this.marks);
    this.play = html("button", "play", "▶");
    this.play.type = "button";
    this.play.onclick = () => this.toggle();
    this.speed = html("select");
    this.speed.ariaLabel = "Speed";
    SPEEDS.forEach((speed) => this.speed.append(new Option(`${speed}×`, speed, speed === 1, speed === 1)));
    this.bar = html("div", "filmbar");
    this.bar.append(this.play, track, this.speed);
    this.root.append(this.screens, this.caption, this.bar);
    parent.append(this.root);
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.say();
  }

  // Called at the start and whenever Streamlit has new data, a new theme included.
  update(component) {
    const { data } = component;
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
    const { arrays, meta } = unpack(bytes.slice().buffer);
    if (meta.version === this.meta?.version) return;
    this.meta = meta;
    this.layers = meta.names.map((_, k) => arrays[k]);
    this.root.ariaLabel = meta.alt;
    this.fill();
    const last = this.count - 1;
    this.slider.max = last;
    this.slider.ariaLabel = meta.axis;
    this.bar.hidden = last < 1;
    this.marks.replaceChildren(...meta.stops.map((stop) => {
      const mark = html("i");
      mark.style.left = `${(100 * stop) / Math.max(last, 1)}%`;
      return mark;
    }));
    // Whoever watches goes on from where they are; another film begins where it is said to.
    this.show(this.playing ? Math.min(this.at, last) : Math.min(meta.start, last));
  }

  get count() { return this.layers[0].shape[0]; }

  fill() {
    const figures = this.meta.names.map((name, k) => {
      const figure = html("figure");
      const canvas = html("canvas");
      const [, , height, width] = this.layers[k].shape;
      Object.assign(canvas, { width, height });
      canvas.setAttribute("aria-hidden", "true"); // the slider says where one is
      figure.append(html("figcaption", "", name), canvas);
      return figure;
    });
    this.canvases = figures.map((figure) => figure.lastChild);
    this.screens.replaceChildren(...figures);
  }

  show(at) {
    this.at = at;
    this.canvases.forEach((canvas, k) => {
      const sheet = new ImageData(canvas.width, canvas.height);
      blit(sheet, this.layers[k], at, 0, 0);
      canvas.getContext("2d").putImageData(sheet, 0, 0);
    });
    const text = this.meta.captions[at] ?? `${at + 1} of ${this.count}`;
    this.caption.textContent = text;
    this.slider.value = at;
    this.slider.setAttribute("aria-valuetext", text);
    this.root.dataset.frame = at;
  }

  toggle() { this.playing ? this.stop() : this.start(); }

  start() {
    this.playing = true;
    this.due = performance.now();
    this.say();
    const tick = (now) => {
      if (!this.playing) return;
      if (!this.root.isConnected) return this.stop();
      const wait = 1000 / RATE / Number(this.speed.value);
      if (now - this.due >= wait) {
        this.due = Math.max(this.due + wait, now - wait); // a page in the background does not catch up
        this.next();
      }
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  stop() {
    this.playing = false;
    this.say();
  }

  say() {
    this.play.textContent = this.playing ? "❚❚" : "▶";
    this.play.ariaLabel = this.play.title = this.playing ? "Pause" : "Play there and back";
    this.root.dataset.playing = String(Boolean(this.playing));
  }

  // There and back again.
  next() {
    const last = this.count - 1;
    if (this.at + this.way > last || this.at + this.way < 0) this.way = -this.way;
    this.show(Math.max(0, Math.min(last, this.at + this.way)));
  }

  key(event) {
    const { target, key } = event;
    if (target === this.speed || event.ctrlKey || event.metaKey || event.altKey) return;
    if (key === " " && target !== this.play) {
      event.preventDefault();
      return this.toggle();
    }
    const last = this.count - 1;
    const to = { ArrowRight: this.at + 1, ArrowLeft: this.at - 1, ArrowUp: this.at + 1, ArrowDown: this.at - 1, Home: 0, End: last }[key];
    if (to === undefined) return;
    event.preventDefault();
    this.stop();
    this.show(Math.max(0, Math.min(last, to)));
  }
}

export default function (component) {
  const { parentElement: parent } = component;
  parent.film ??= new Film(parent);
  parent.film.update(component);
}
