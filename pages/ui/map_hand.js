// What hands do on a map: pan or turn, zoom, draw a lasso or a box, point at a point, go from point to point by keys.

const NUDGE = 40; // pixels that an arrow key pans
const TILT = Math.PI / 36; // what it turns
const TURN = 0.008; // radians a pixel
const STILL = 5; // pixels that a hand may tremble in a click
const REACH = { mouse: 8, pen: 12, touch: 20 }; // pixels around a point that still point at it
const SPACED = 3; // pixels between two corners of a lasso
const TIP = 76; // pixels: the larger side of a thumbnail beside the pointer

Object.assign(CodeMap.prototype, {
  listen() {
    const { marked } = this;
    this.pointers = new Map();
    marked.onpointerdown = (event) => this.pressed(event);
    marked.onpointermove = (event) => (this.pointers.has(event.pointerId) ? this.dragged(event) : this.pointed(event));
    marked.onpointerup = (event) => this.lifted(event);
    marked.onpointercancel = (event) => { this.pointers.delete(event.pointerId); this.path = null; this.overlay(); };
    marked.onpointerleave = () => this.hover(null);
    marked.ondblclick = () => this.way === "move" && this.whole();
    marked.onkeydown = (event) => this.key(event);
    marked.oncontextmenu = (event) => event.preventDefault();
    marked.addEventListener("wheel", (event) => {
      event.preventDefault();
      if (!this.at) return;
      const [x, y] = this.spot(event);
      this.camera.zoomAbout(x, y, Math.exp(-event.deltaY / (event.ctrlKey ? 120 : 500)));
      this.hover(null);
      this.move();
    }, { passive: false });
  },

  // Where an event is on the canvas.
  spot({ clientX, clientY }) {
    const box = this.marked.getBoundingClientRect();
    return [clientX - box.left, clientY - box.top];
  },

  pressed(event) {
    if (!this.at || event.button > 2) return;
    const { marked } = this;
    marked.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, this.spot(event));
    this.began = this.spot(event);
    this.went = this.pointers.size > 1; // whether this is no click any more
    this.path = null;
    this.hover(null);
    const drawn = event.button ? null : this.way !== "move" ? this.way : event.shiftKey ? "lasso" : null;
    this.drawing = this.pointers.size === 1 ? drawn : null;
    this.shifts = event.button !== 0; // the other buttons pan also what is turned
    if (this.drawing) this.path = [this.spot(event)];
  },

  dragged(event) {
    const spot = this.spot(event);
    const [x, y] = this.pointers.get(event.pointerId);
    this.pointers.set(event.pointerId, spot);
    this.went ||= Math.hypot(spot[0] - this.began[0], spot[1] - this.began[1]) > STILL;
    if (this.drawing) return this.trace(spot);
    const others = [...this.pointers].filter(([id]) => id !== event.pointerId);
    const { camera } = this;
    if (others.length) this.pinch([x, y], spot, others[0][1]);
    else if (this.went) {
      if (camera.flat || this.shifts) camera.pan(spot[0] - x, spot[1] - y);
      else camera.turn((spot[0] - x) * TURN, (spot[1] - y) * TURN);
    } else return this.pointers.set(event.pointerId, [x, y]); // not yet a drag
    this.move();
  },

  // Two fingers: what lies between them stays between them.
  pinch(from, to, other) {
    const middle = (a) => [(a[0] + other[0]) / 2, (a[1] + other[1]) / 2];
    const apart = (a) => Math.hypot(a[0] - other[0], a[1] - other[1]) || 1;
    const [was, now] = [middle(from), middle(to)];
    this.camera.pan(now[0] - was[0], now[1] - was[1]);
    this.camera.zoomAbout(...now, apart(to) / apart(from));
  },

  trace(spot) {
    if (this.drawing === "box") {
      const [[x0, y0], [x1, y1]] = [this.began, spot];
      this.path = [[x0, y0], [x1, y0], [x1, y1], [x0, y1]];
    } else {
      const last = this.path.at(-1);
      if (Math.hypot(spot[0] - last[0], spot[1] - last[1]) >= SPACED) this.path.push(spot);
    }
    this.overlay();
  },

  lifted(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    const { path, drawing } = this;
    this.path = this.drawing = null;
    if (drawing && this.went) this.enclose(path, event);
    else if (!this.went && !event.button) this.clicked(this.spot(event), event);
    if (drawing) this.overlay();
  },

  clicked(spot, event) {
    const row = this.nearest(spot, REACH[event.pointerType] ?? REACH.mouse);
    if (event.pointerType === "touch") this.hover(row, ...spot);
    if (row !== null && event.shiftKey) return this.select(toggled(this.selected, row));
    this.focused = row;
    if (row !== null) this.tell("click", row);
    else if (this.camera.flat) this.tell("empty", this.camera.under(...spot));
    this.overlay();
  },

  // Selects what a lasso encloses: Shift adds to what is selected, Alt takes away from it.
  enclose(path, { shiftKey, altKey }) {
    const inside = this.enclosed(path);
    if (altKey) {
      const gone = new Set(inside);
      this.select(this.selected.filter((row) => !gone.has(row)));
    } else this.select(shiftKey ? [...this.selected, ...inside] : inside);
  },

  // The rows within a polygon on the screen, by the even-odd rule; of an isolated category only its own.
  enclosed(path) {
    const scale = this.ground.width / this.camera.width;
    const { X, Y } = this.scene;
    const corners = path.map((corner) => corner.map((v) => v * scale));
    const [xs, ys] = [0, 1].map((k) => corners.map((corner) => corner[k]));
    const [left, right, top, below] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const rows = [];
    for (let i = 0; i < this.count; i++) {
      const [x, y] = [X[i], Y[i]];
      if (!(x >= left && x <= right && y >= top && y <= below) || !this.legend.shows(i)) continue;
      let inside = false;
      for (let a = 0, b = xs.length - 1; a < xs.length; b = a++) {
        if (ys[a] > y !== ys[b] > y && x < ((xs[b] - xs[a]) * (y - ys[a])) / (ys[b] - ys[a]) + xs[a]) inside = !inside;
      }
      if (inside) rows.push(i);
    }
    return rows;
  },

  // -- pointing ---------------------------------------------------------------------------------------------------

  // At most once a frame, however often the mouse reports.
  pointed(event) {
    if (event.pointerType === "touch") return;
    this.pointing = event;
    if (this.looking) return;
    this.looking = true;
    requestAnimationFrame(() => {
      this.looking = false;
      if (!this.at || this.moving || this.pointers.size || !this.pointing) return;
      const spot = this.spot(this.pointing);
      this.hover(this.nearest(spot, REACH.mouse), ...spot);
    });
  },

  // The row at most `reach` pixels from a place on the canvas, or null; dimmed points are passed over.
  nearest([x, y], reach) {
    const scale = this.ground.width / this.camera.width;
    const shown = this.dimmed ? FULL : DIM;
    this.found ??= new Finder({ ...this.scene, level: this.level, count: this.count }, this.ground.width, this.ground.height, shown);
    const wide = this.asImages && this.sheets.known ? this.span(this.camera.width, this.camera.height) / 2 : 0;
    return this.found.nearest(x * scale, y * scale, Math.max(reach, wide) * scale);
  },

  hover(row, x, y) {
    if (row === null) this.pointing = null;
    if (row === this.hovered && row === null) return;
    const other = row !== this.hovered;
    this.hovered = row;
    this.marked.dataset.over = String(row !== null);
    this.tip.hidden = row === null;
    if (other && row !== null) this.fillTip(row);
    if (row !== null) this.placeTip(x, y);
    if (other) {
      this.overlay();
      this.tell("hover", row, x, y);
    }
  },

  // The thumbnail beside the pointer: it is in the page already.
  fillTip(row) {
    const [canvas, words] = this.tip.children;
    const image = this.sheets.known ? this.sheets.image(row) : null;
    canvas.hidden = !image;
    if (image) {
      drawThumbnail(canvas, image);
      const by = TIP / Math.max(image.w, image.h);
      Object.assign(canvas.style, { width: `${image.w * by}px`, height: `${image.h * by}px` });
    }
    words.textContent = this.wordsOf(row);
    words.style.setProperty("--dot", this.legend.colourOf(row));
    this.root.dataset.hovered = String(row);
  },

  placeTip(x, y) {
    const { offsetWidth: wide, offsetHeight: tall } = this.tip;
    const left = x + 16 + wide > this.camera.width ? x - 16 - wide : x + 16;
    this.tip.style.left = `${Math.max(0, Math.min(left, this.camera.width - wide))}px`;
    this.tip.style.top = `${Math.max(0, Math.min(y + 14, this.camera.height - tall))}px`;
  },

  // -- keys -------------------------------------------------------------------------------------------------------

  zoomBy(factor) {
    this.camera.zoomAbout(this.camera.width / 2, this.camera.height / 2, factor);
    this.move();
  },

  whole() {
    this.camera.reset();
    this.move();
  },

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.at) return;
    if (event.key === "Escape") return this.escape(event);
    const { camera } = this;
    const go = (x, y) => () => {
      if (camera.flat) camera.pan(-x * NUDGE, -y * NUDGE);
      else camera.turn(-x * TILT, -y * TILT);
      this.move();
    };
    const act = {
      ArrowLeft: go(-1, 0), ArrowRight: go(1, 0), ArrowUp: go(0, -1), ArrowDown: go(0, 1),
      "+": () => this.zoomBy(1.25), "=": () => this.zoomBy(1.25), "-": () => this.zoomBy(1 / 1.25),
      0: () => this.whole(), Home: () => this.whole(),
      n: () => this.walk(1), p: () => this.walk(-1),
      m: () => this.take("move"), l: () => this.take("lasso"), b: () => this.take("box"), i: () => this.images(!this.asImages),
      Enter: () => this.focused !== null && this.tell("click", this.focused),
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  },

  // Lets go of a lasso, or of the point that one is at; the panel beside the map closes its cards. Without a panel the
  // selection goes too.
  escape(event) {
    this.hover(null);
    if (this.path) {
      this.path = this.drawing = null;
      event.stopPropagation();
    } else if (!this.data.panel && this.focused === null && this.selected.length) this.select([]);
    this.focused = null;
    this.overlay();
  },

  // To the next point in full colour, in the order of the data: it is ringed, and said.
  walk(by) {
    let row = this.focused ?? (by > 0 ? -1 : this.count);
    for (let k = 0; k < this.count; k++) {
      row = (row + by + this.count) % this.count;
      if (this.level[row] === FULL) break;
    }
    this.focused = row;
    const [x, y] = this.placeOf(row);
    if (x < 0 || y < 0 || x > this.camera.width || y > this.camera.height) this.centreOn(row);
    this.hover(row, ...this.placeOf(row).slice(0, 2));
    this.say(`Point ${(row + 1).toLocaleString("en")} of ${this.count.toLocaleString("en")}: ${this.wordsOf(row)}`);
  },
});

// Rows with one more, or one less.
const toggled = (rows, row) => (rows.includes(row) ? rows.filter((one) => one !== row) : [...rows, row]);

export default function (component) {
  const { parentElement: parent } = component;
  const map = (parent.codeMap ??= new CodeMap(parent));
  map.calls = (map.calls ?? 0) + 1;
  const calls = map.calls;
  map.update(component);
  // Streamlit also cleans up between two calls; only a map that is not called again is closed.
  return () => setTimeout(() => {
    if (map.calls !== calls || map.root.isConnected) return;
    map.close();
    delete parent.codeMap;
  }, 200);
}
