// What stands beside a map: the point that was clicked, the place, the selection, new points; one card at a time.

const HINTS = [
  "Point at a dot to see what it is. Click it for its neighbours.",
  "Drag with Shift to draw a lasso around dots and look at them together.",
];
const HINT_DECODE = "Click an empty place and the decoder shows what would lie there.";

class MapPanel {
  constructor(map) {
    this.map = map;
    this.open = []; // names of the cards that were opened, the last on top
    this.root = part("section", "mappanel", { ariaLabel: "Beside the map" });
    this.note = part("p", "hint note", { role: "status" });
    this.empty = part("div", "nothing");
    this.cards = { chosen: new ChosenCard(this), placed: new PlacedCard(this), place: new PlaceCard(this), point: new PointCard(this) };
    this.stack = part("div", "stack");
    this.stack.append(this.empty, ...Object.values(this.cards).map(({ root }) => root));
    this.fresh = new NewPoints(this);
    this.search = new MapSearch(this);
    this.root.append(this.search.root, this.stack, this.note, this.fresh.root);
    this.listening = [
      map.on("loaded", (meta) => this.loaded(meta)),
      map.on("click", (row) => this.point(row)),
      map.on("empty", (at) => this.ready && this.meta.can_decode && this.cards.place.show(at)),
      map.on("selected", (rows) => this.selected(rows)),
      map.on("coloured", () => this.coloured()),
    ];
    this.escape = (event) => this.key(event);
    map.root.addEventListener("keydown", this.escape);
    // As tall as what is beside it, whatever stands in it.
    this.observer = new ResizeObserver(() => this.root.style.setProperty("--beside", `${map.main.offsetHeight}px`));
    this.observer.observe(map.main);
  }

  update({ panel }) {
    this.leave();
    if (panel === this.shown) return;
    this.shown = panel;
    if (panel) this.map.side.append(this.root);
    else this.root.remove();
    if (this.ready) this.loaded(this.meta);
  }

  // Another map: what was clicked on the last one is not on this.
  leave() {
    const name = this.map.address("", { to: this.map.data.align_to });
    if (name === this.name) return;
    this.name = name;
    this.open = [];
    this.mark({ focus: null, near: [], extra: [] });
    for (const card of Object.values(this.cards)) card.forget();
    this.arrange();
  }

  loaded(meta) {
    this.leave();
    this.meta = meta;
    this.shape = meta.shape;
    this.images = meta.kind === "images";
    const hints = [...HINTS, ...(meta.can_decode ? [HINT_DECODE] : [])];
    this.empty.replaceChildren(...hints.map((text) => part("p", "", { textContent: text })));
    this.fresh.fill(meta);
    this.search.fill(meta);
    this.say("");
    this.arrange();
    this.mark({ extra: this.cards.placed.extra });
    this.selected(this.map.selected);
  }

  // -- cards ------------------------------------------------------------------------------------------------------

  // A point and a place take each other's turn; a selection and new points stay beneath them.
  show(name) {
    if (this.open.at(-1) !== name) this.stack.scrollTop = 0;
    const passing = ["point", "place"];
    this.open = [...this.open.filter((one) => one !== name && !(passing.includes(one) && passing.includes(name))), name];
    this.say("");
    this.arrange();
  }

  hide(name) {
    if (!this.open.includes(name)) return;
    this.open = this.open.filter((one) => one !== name);
    this.say("");
    this.arrange();
  }

  arrange() {
    const top = this.open.at(-1);
    const within = this.stack.contains(this.root.getRootNode().activeElement);
    for (const [name, card] of Object.entries(this.cards)) {
      card.root.hidden = name !== top;
      card.raise?.(name === top);
    }
    this.empty.hidden = Boolean(top);
    this.root.dataset.card = top ?? "";
    // The keys stay here although what had them is hidden now.
    if (within) (this.cards[top]?.root ?? this.map.marked).focus({ preventScroll: true });
  }

  // A card's head: what it is about, buttons, and a cross.
  head(card, buttons = []) {
    const root = part("div", "head");
    const title = part("p", "title");
    const close = part("button", "close", { type: "button", textContent: "×", ariaLabel: "Close", title: "Close (Esc)", onclick: () => card.close() });
    root.append(title, ...buttons, close);
    return { root, title };
  }

  key(event) {
    if (event.key !== "Escape" || !this.open.length || !this.shown) return;
    event.stopPropagation();
    this.cards[this.open.at(-1)].close();
  }

  // Not while a map is still being made: nothing is known of its points yet.
  get ready() {
    return this.shown && this.meta && this.meta === this.map.meta;
  }

  point(row) {
    if (this.ready) this.cards.point.show(row);
  }

  // A row that was asked for by name: as if it were clicked, and in the middle of the map.
  goTo(row) {
    this.map.centreOn(row);
    this.point(row);
  }

  selected(rows) {
    if (!this.ready) return;
    if (rows.length) this.cards.chosen.show(rows);
    else this.hide("chosen");
  }

  coloured() {
    for (const card of [this.cards.point, this.cards.chosen]) card.coloured();
  }

  // -- what cards ask for -----------------------------------------------------------------------------------------

  mark(marks) {
    this.map.mark(marks);
  }

  ask(what, values) {
    return fetched(this.map.address(what, values));
  }

  post(what, body, values) {
    return fetched(this.map.address(what, values), body);
  }

  // What is asked in the map's coordinates, which are turned where the map is laid upon another.
  postPlaces(what, body, values) {
    return this.post(what, body, { ...values, to: this.map.data.align_to });
  }

  // A sentence of the server: quietly, and whatever is shown stays.
  say(text) {
    this.note.textContent = text;
  }

  colourOf(y) {
    return y < 0 ? "transparent" : categoryColour(y, this.map.data.colours);
  }

  className(row) {
    return this.meta.classes[this.map.rows.y[row]] ?? "";
  }

  // "index 12, class 7": what a point is called everywhere.
  nameOf(row) {
    const named = this.className(row);
    return `index ${this.map.rows.index[row]}${named && `, class ${named}`}`;
  }

  // The class that a model is told which asks for one; null for any other.
  get given() {
    return this.meta.told ? Number(this.fresh.told.value) : null;
  }

  // What the map's points are measured in.
  get space() {
    const { of } = this.meta.request;
    return { codes: "the code", pixels: this.images ? "the pixels" : "the data" }[of] ?? `layer ${of.replace("layer:", "")}`;
  }

  get unit() {
    const { of } = this.meta.request;
    return { codes: "units of the code", pixels: this.images ? "grey levels of 0 to 1" : "units of the data" }[of] ?? "units of the activations";
  }

  close() {
    this.listening.forEach((leave) => leave());
    this.observer.disconnect();
    this.map.root.removeEventListener("keydown", this.escape);
    for (const card of Object.values(this.cards)) card.forget();
    this.fresh.close();
    this.root.remove();
  }
}

CodeMap.parts.push((map) => new MapPanel(map));
