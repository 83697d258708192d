// A view into space that one turns by hand: drag, arrow keys, wheel, + and -. Data of two axes are a flat plot.

const STEP = Math.PI / 36; // what an arrow key turns
const STEEPEST = Math.PI / 2;
const NEAREST = 6; // times the first view
const DAWDLE = 0.25; // radians a second, when it turns by itself

const make = (tag, properties = {}) => Object.assign(document.createElement(tag), properties);

class Space {
  constructor(parent) {
    this.hidden = new Map(); // layer -> whether the visitor has put it away
    this.pointers = new Map();
    this.root = make("div", { className: "space" });
    this.canvas = make("canvas", { tabIndex: 0 });
    this.canvas.setAttribute("role", "application");
    this.legend = make("div", { className: "legend" });
    const button = (text, label, onclick) => {
      const made = make("button", { type: "button", textContent: text, onclick, title: label });
      made.ariaLabel = label;
      return made;
    };
    this.turning = button("Turn", "Turn slowly by itself", () => this.turn(!this.spin));
    this.bar = make("div", { className: "spacebar" });
    this.bar.append(
      this.turning,
      button("−", "Zoom out", () => this.zoomBy(1 / 1.25)),
      button("+", "Zoom in", () => this.zoomBy(1.25)),
      button("Reset", "The first view again", () => this.reset()),
    );
    this.hint = make("span", { className: "hint" });
    this.bar.append(this.hint);
    this.root.append(this.legend, this.canvas, this.bar);
    parent.append(this.root);
    this.listen();
    this.observer = new ResizeObserver(() => this.paint());
    this.observer.observe(this.root);
  }

  listen() {
    const { canvas } = this;
    canvas.onpointerdown = (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
      this.turn(false);
    };
    canvas.onpointermove = (event) => this.pointers.has(event.pointerId) && this.drag(event);
    canvas.onpointerup = canvas.onpointercancel = (event) => this.pointers.delete(event.pointerId);
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoomBy(Math.exp(-event.deltaY / 600));
    }, { passive: false });
    canvas.onkeydown = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const act = {
        ArrowLeft: () => this.move(STEP, 0), ArrowRight: () => this.move(-STEP, 0),
        ArrowUp: () => this.move(0, STEP), ArrowDown: () => this.move(0, -STEP),
        "+": () => this.zoomBy(1.15), "=": () => this.zoomBy(1.15), "-": () => this.zoomBy(1 / 1.15),
        0: () => this.reset(), Home: () => this.reset(),
      }[event.key];
      if (!act) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    };
  }

  update({ data }) {
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
    const { arrays, meta } = unpack(bytes.slice().buffer);
    this.axes = meta.axes;
    this.flat = meta.axes.length === 2;
    this.layers = meta.layers.map((layer) => {
      const { data: values, shape } = arrays[layer.name];
      const groups = arrays[`${layer.name}/groups`]?.data;
      const colourOf = groups ? (k) => meta.colours[groups[k] % meta.colours.length] : () => layer.colour;
      return { ...layer, data: values, shape, colourOf };
    });
    const box = boxOf(this.layers, meta.axes.length, this.flat ? 0.12 : 0.06);
    if (this.view === undefined || meta.view !== this.name) this.reset();
    this.name = meta.view;
    this.box = box;
    this.canvas.ariaLabel = `${meta.alt} ${this.flat ? "Arrow keys move it" : "Arrow keys turn it"}, plus and minus zoom, 0 resets.`;
    this.hint.textContent = this.flat ? "drag to move, wheel to zoom" : "drag to turn, wheel to zoom";
    this.turning.hidden = this.flat;
    this.arrange();
    this.rebuild();
  }

  // The legend is also the switchboard: each layer can be put away.
  arrange() {
    this.legend.replaceChildren(...this.layers.map((layer) => {
      if (!this.hidden.has(layer.name)) this.hidden.set(layer.name, !layer.shown);
      const button = make("button", { type: "button", textContent: layer.name });
      button.style.setProperty("--dot", layer.colour);
      button.ariaPressed = String(!this.hidden.get(layer.name));
      button.onclick = () => {
        this.hidden.set(layer.name, !this.hidden.get(layer.name));
        button.ariaPressed = String(!this.hidden.get(layer.name));
        this.rebuild();
      };
      return button;
    }));
  }

  rebuild() {
    this.visible = this.layers.filter((layer) => !this.hidden.get(layer.name));
    this.scene = this.flat ? null : partsOf(this.visible, this.box);
    this.paint();
  }

  reset() {
    this.turn(false);
    this.view = { yaw: 0.6, pitch: 0.42, zoom: 1, x: 0, y: 0 };
    this.paint();
  }

  turn(on) {
    this.spin = on;
    this.turning.ariaPressed = String(on);
    let before = null;
    const tick = (now) => {
      if (!this.spin || !this.root.isConnected) return;
      if (before !== null) this.view.yaw += Math.min((now - before) / 1000, 0.1) * DAWDLE;
      before = now;
      this.draw();
      requestAnimationFrame(tick);
    };
    if (on) requestAnimationFrame(tick);
  }

  // Radians in space; in a flat plot the same motion shifts it.
  move(across, up) {
    if (this.flat) {
      this.view.x += across / this.view.zoom;
      this.view.y += up / this.view.zoom;
    } else {
      this.view.yaw += across;
      this.view.pitch = Math.min(STEEPEST, Math.max(-STEEPEST, this.view.pitch + up));
    }
    this.paint();
  }

  zoomBy(factor) {
    this.view.zoom = Math.min(NEAREST, Math.max(0.4, this.view.zoom * factor));
    this.paint();
  }

  drag(event) {
    const [x, y] = this.pointers.get(event.pointerId);
    const others = [...this.pointers].filter(([id]) => id !== event.pointerId);
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    if (others.length) {
      const [ox, oy] = others[0][1];
      this.zoomBy(Math.hypot(event.clientX - ox, event.clientY - oy) / (Math.hypot(x - ox, y - oy) || 1));
      return;
    }
    const speed = this.flat ? 1 / this.canvas.clientWidth : 0.008;
    this.move((this.flat ? -1 : 1) * (event.clientX - x) * speed, (event.clientY - y) * speed);
  }

  // At most one drawing a frame, however often the hand moves.
  paint() {
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => { this.due = false; this.draw(); });
  }

  // The box as zoomed and shifted: a shift of 1 is its whole width.
  window() {
    const { zoom, x, y } = this.view;
    return this.box.flatMap(([low, high], k) => {
      const middle = (low + high) / 2 + [x, y][k] * (high - low);
      const half = (high - low) / 2 / zoom;
      return [middle - half, middle + half];
    });
  }

  draw() {
    if (!this.visible || !this.root.clientWidth) return;
    const style = getComputedStyle(this.root);
    const theme = {
      text: style.getPropertyValue("--st-text-color") || "#333",
      border: style.getPropertyValue("--st-border-color") || "#ddd",
      font: style.getPropertyValue("--st-font") || "sans-serif",
    };
    const tall = Math.min(this.root.clientWidth * 0.8, window.innerHeight * 0.62);
    const area = surface(this.canvas, tall / this.root.clientWidth);
    if (!area) return;
    const started = performance.now();
    if (this.flat) drawFlat(area, this.visible, this.window(), theme);
    else drawSolid(area, this.scene, this.view, theme, this.axes);
    this.root.dataset.cost = (performance.now() - started).toFixed(1);
    this.root.dataset.yaw = this.view.yaw.toFixed(3);
    this.root.dataset.zoom = this.view.zoom.toFixed(3);
  }

  close() {
    this.spin = false;
    this.observer.disconnect();
  }
}

export default function (component) {
  const { parentElement: parent } = component;
  const space = (parent.space ??= new Space(parent));
  space.calls = (space.calls ?? 0) + 1;
  const calls = space.calls;
  space.update(component);
  // Streamlit also cleans up between two calls; only a view that is not called again is closed.
  return () => setTimeout(() => {
    if (space.calls !== calls || space.root.isConnected) return;
    space.close();
    delete parent.space;
  }, 200);
}
