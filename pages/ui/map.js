// A map of codes: up to 50,000 points on a canvas that one pans, zooms, turns, colours, and selects from.
//
// For the parts that stand on it (`CodeMap.parts`):
//   events  `map.on(name, f)`, which returns how to leave:
//     "hover"(row | null, x, y)   "click"(row)   "empty"(at, in map coordinates; flat maps only)
//     "selected"(rows)   "loaded"(meta)   "coloured"(column)   "view"(), after each drawing
//   state   `rows` {position, index, y} (Int32Array by row), `count`, `meta`, `column` {name, title, kind, values, names,
//           unit, protocol}, `selected` (Int32Array of rows), `sheets.image(row)` -> {pixels, w, h, channels} | null
//   hosts   `tools` (a place in the bar), `side` (beside the picture; it takes no room while it is empty)
//   methods `mark`, `colourBy`, `isolate`, `select`, `show`, `centreOn`, `address`, `report`, `say`, `wordsOf`

const REPORTED = 4000; // selected positions that the page's script gets
const REPORT_AFTER = 250; // milliseconds of rest
const [DIM, FULL] = [1, 2]; // levels of a point

class CodeMap {
  static parts = []; // makers (map) -> { update?(data), close?() }

  constructor(parent) {
    this.listeners = new Map();
    this.marks = { focus: null, near: [], extra: [] };
    this.selected = new Int32Array();
    this.count = this.turn = 0;
    this.focused = this.hovered = null; // rows that keys are at, and that the pointer is on
    this.camera = new Camera();
    this.raster = new Raster();
    this.sheets = new Sheets(() => this.arrived());
    this.legend = new Legend(this);
    this.time = new MapTime(this);
    this.build(parent);
    this.listen();
    this.parts = CodeMap.parts.map((make) => make(this));
    this.observer = new ResizeObserver(() => this.paint());
    this.observer.observe(this.stage);
  }

  // -- events -----------------------------------------------------------------------------------------------------

  on(name, f) {
    if (!this.listeners.has(name)) this.listeners.set(name, new Set());
    this.listeners.get(name).add(f);
    return () => this.listeners.get(name).delete(f);
  }

  tell(name, ...values) {
    for (const f of this.listeners.get(name) ?? []) f(...values);
  }

  // -- what the parts ask for -------------------------------------------------------------------------------------

  // The address of a question about this map: address("near/17", { k: 12 }).
  address(what = "", values = {}) {
    return `/api/maps/${this.data.run}/${this.data.key}${what && `/${what}`}${query(values)}`;
  }

  // A value that the page's script gets to know.
  report(name, value) {
    this.component.setStateValue(name, value);
  }

  // A sentence under the map; empty takes it away.
  say(text) {
    if (this.word.textContent !== text) this.word.textContent = text;
  }

  // Rings on the map: `focus` a row or null, `near` rows, `extra` places [{at: map coordinates, colour, image: canvas}].
  // What is not given stays as it is.
  mark(marks) {
    Object.assign(this.marks, marks);
    this.overlay();
  }

  // Colours the points by a column of the map's meta; resolves once they are.
  colourBy(name) {
    return this.legend.choose(name, true);
  }

  // Only the points of a category (or of a list of them) in full colour; null: all.
  isolate(category) {
    this.legend.only(category === null ? [] : [category].flat());
  }

  // Selects rows, here and wherever else the same data are shown. `from` names who did it.
  select(rows, from = this) {
    this.selection?.set(Array.from(rows, (row) => this.rows.position[row]), from);
  }

  // The map as it stood at frame k; null: the newest.
  show(frame) {
    this.time.show(frame);
  }

  // Brings a row into the middle, no farther away than it is.
  centreOn(row) {
    const [x, y] = this.placeOf(row);
    this.camera.pan(this.camera.width / 2 - x, this.camera.height / 2 - y);
    this.move();
  }

  // Where a row stands on the canvas, in CSS pixels.
  placeOf(row) {
    const { data, shape: [, d] } = this.at;
    return this.camera.see(...data.subarray(row * d, row * d + d));
  }

  // What a point is, in a line: "7 · index 1204 of test · error 31".
  wordsOf(row) {
    const { meta, column, rows } = this;
    const y = rows.y[row];
    const words = [y >= 0 ? meta.classes?.[y] ?? `class ${y}` : "", `index ${rows.index[row]} of ${meta.request?.split ?? "the data"}`];
    if (column?.name && column.name !== "class") words.push(`${column.title} ${this.legend.wordsOf(row)}`);
    return words.filter(Boolean).join(" · ");
  }

  // -- opening ----------------------------------------------------------------------------------------------------

  update(component) {
    this.component = component;
    this.data = component.data;
    const name = `${this.data.run}/${this.data.key}/${this.data.align_to}`;
    const waits = this.data.live && this.root.dataset.state === "empty";
    if (name !== this.name || waits) {
      this.name = name;
      this.open();
    } else {
      if (this.meta && this.data.colour !== this.asked) this.recolour();
      if (this.column && this.theme?.dark !== css(this.root).dark) this.legend.dress();
      this.paint();
    }
    for (const one of this.parts) one.update?.(this.data);
  }

  // The page asks for another colour than it did; the visitor may have chosen it already.
  recolour() {
    this.asked = this.data.colour;
    if (this.column?.name !== this.asked && this.legend.optionOf(this.asked)) this.legend.choose(this.asked);
  }

  async open() {
    const turn = ++this.turn;
    this.root.dataset.state = "opening";
    this.say("");
    if (this.data.live) return this.time.follow(turn);
    if (!(await this.load(turn)) && turn === this.turn) this.root.dataset.state = "empty";
  }

  // The kept map, if it is there. What goes wrong is said, and ends the asking.
  async load(turn) {
    try {
      const found = await fetched(this.address("", { to: this.data.align_to }));
      if (turn !== this.turn) return true;
      if (found) this.arrive(found);
      return Boolean(found);
    } catch (error) {
      if (turn !== this.turn) return true;
      this.root.dataset.state = this.at ? "open" : "failed";
      this.say(error.message);
      return true;
    }
  }

  arrive({ arrays, meta }) {
    const began = performance.now();
    const same = this.meta && this.identity === meta.data;
    const moving = this.root.dataset.state === "live";
    this.meta = meta;
    this.people(arrays);
    if (!moving && !(same && this.camera.flat === (arrays.at.shape[1] === 2))) this.camera.reset();
    this.marks = { focus: null, near: [], extra: [] };
    this.focused = this.hovered = null;
    this.time.fill(arrays, meta, moving);
    this.root.dataset.state = "open";
    this.legend.fill(meta, (this.asked = this.data.colour));
    this.imagesButton.hidden = meta.shape?.length !== 3;
    if (meta.shape?.length === 3) this.sheets.fill(this.count, (i) => this.address(`sheet/${i}`));
    else this.sheets.clear();
    this.root.dataset.opened = (performance.now() - began).toFixed(1);
    this.tell("loaded", meta);
    this.share(meta);
  }

  // The state of a map that is still being computed; its rows are known before it is.
  arriveLive({ arrays, meta }) {
    const first = this.root.dataset.state !== "live";
    this.root.dataset.state = "live";
    if (first || arrays.at.shape[0] !== this.count) {
      this.meta = { request: {}, classes: [], ...meta };
      this.people(arrays);
      this.camera.reset();
      this.legend.fill({ ...meta, columns: [] }, "class");
    }
    this.time.glide(arrays.at, rangesOf(arrays.at), ASK_EVERY * LEAD);
    this.say(`${meta.step_unit ?? "iteration"} ${meta.step?.toLocaleString("en") ?? ""} so far`);
  }

  // Who the points are.
  people({ at, position, index, y }) {
    const [n] = at.shape;
    const counted = () => Int32Array.from({ length: n }, (_, k) => k);
    this.rows = { position: position?.data ?? counted(), index: index?.data ?? position?.data ?? counted(), y: y?.data ?? new Int32Array(n).fill(-1) };
    if (n !== this.count || !this.scene) {
      this.count = n;
      this.level = new Uint8Array(n).fill(FULL);
      this.tint = new Uint16Array(n);
      this.scene = { X: new Float32Array(n), Y: new Float32Array(n), depths: new Float32Array(n), order: null };
      this.at = null;
    }
    const most = this.rows.position.reduce((a, b) => Math.max(a, b), 0);
    this.rowAt = new Int32Array(most + 1).fill(-1);
    this.rows.position.forEach((place, row) => { this.rowAt[place] = row; });
  }

  // -- the selection ----------------------------------------------------------------------------------------------

  share(meta) {
    if (meta.data === this.identity) return this.selects(this.selection.positions, null);
    this.leave?.();
    this.identity = meta.data;
    this.selected = new Int32Array();
    this.selection = Selection.named(meta.data);
    this.leave = this.selection.watch((positions, from) => this.selects(positions, from));
    this.badge();
  }

  selects(positions, from) {
    this.selected = Int32Array.from(positions, (place) => this.rowAt[place] ?? -1).filter((row) => row >= 0);
    this.levels();
    this.badge();
    this.tell("selected", this.selected);
    if (from !== this && !this.data.panel) return;
    clearTimeout(this.reporting);
    this.reporting = setTimeout(() => {
      const told = { count: this.selected.length, positions: Array.from(this.selected.slice(0, REPORTED), (row) => this.rows.position[row]) };
      if (JSON.stringify(told) === this.told) return;
      this.told = JSON.stringify(told);
      this.report("selected", told);
    }, REPORT_AFTER);
  }

  // Which points are in full colour: those of the isolated categories, and of them the selected.
  levels() {
    const chosen = this.selected.length ? new Uint8Array(this.count) : null;
    for (const row of this.selected) chosen[row] = 1;
    this.dimmed = false;
    for (let i = 0; i < this.count; i++) {
      const full = this.legend.shows(i) && (!chosen || chosen[i]);
      this.level[i] = full ? FULL : DIM;
      if (!full) this.dimmed = true;
    }
    this.paint();
  }

  close() {
    this.turn += 1;
    clearTimeout(this.reporting);
    this.leave?.();
    this.sheets.clear();
    this.time.close();
    this.observer.disconnect();
    for (const one of this.parts) one.close?.();
  }
}

