// A map of codes: up to 50,000 points on a canvas that one pans, zooms, turns, colours, and selects from.
//
// For the parts that stand on it (`CodeMap.parts`):
//   events  `map.on(name, f)`, which returns how to leave:
//     "hover"(row | null, x, y)   "click"(row)   "empty"(at, in map coordinates; flat maps only)
//     "selected"(rows)   "loaded"(meta)   "coloured"(column)
//   state   `rows` {position, index, y} (Int32Array by row), `count`, `meta`, `column` {name, title, kind, values, names,
//           unit, protocol}, `selected` (Int32Array of rows), `sheets.image(row)` -> {pixels, w, h, channels} | null
//   hosts   `tools` (a row of the bar), `side` (beside the picture; it takes no room while it is empty)
//   methods `mark`, `colourBy`, `isolate`, `select`, `show`, `centreOn`, `address`, `report`, `say`

class CodeMap {
  static parts = []; // makers (map) -> { update?(data), close?() }

  constructor(parent) {
    this.listeners = new Map();
    this.marks = { focus: null, near: [], extra: [] };
    this.selected = new Int32Array();
    this.count = 0;
    this.build(parent);
    this.camera = new Camera();
    this.raster = new Raster();
    this.sheets = new Sheets(() => this.paint());
    this.legend = new Legend(this);
    this.time = new MapTime(this);
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

  // Rings on the map: `focus` a row or null, `near` rows, `extra` places [{at: map coordinates, colour, image: canvas}].
  // What is not given stays as it is.
  mark(marks) {
    Object.assign(this.marks, marks);
    this.overlay();
  }

  // Colours the points by a column of the map's meta; resolves once they are.
  async colourBy(name) {
    await this.legend.choose(name);
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
}
