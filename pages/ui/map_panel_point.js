// The point that was clicked: the example, what the model makes of it, and the points that are nearest to it.

const NEIGHBOURS = { first: 10, range: [5, 30] };
const LEAST_DISTANCE = 0.001; // that is written out
const METRICS = [["euclidean", "Euclidean"], ["cosine", "Cosine"]];

class PointCard {
  constructor(panel) {
    Object.assign(this, { panel, row: null, rows: [], k: NEIGHBOURS.first, metric: METRICS[0][0] });
    this.root = part("div", "card point", { hidden: true, tabIndex: -1 });
    this.head = panel.head(this);
    this.pictures = part("div", "both");
    this.facts = part("dl", "facts");
    this.title = part("p", "title");
    this.shared = part("p", "hint");
    this.apart = part("p", "hint");
    const bar = part("div", "row");
    bar.append(
      stepper("Number of neighbours", this.k, NEIGHBOURS.range, (k) => { this.k = k; this.ask(); }),
      switched("Distance", METRICS, this.metric, (metric) => { this.metric = metric; this.ask(); }),
    );
    this.host = part("div", "strip");
    this.root.append(this.head.root, this.pictures, this.facts, this.title, bar, this.shared, this.host, this.apart);
    this.example = new Latest((row) => panel.post("images", Int32Array.of(row)), (found) => this.seen(found), (error) => this.failed(error));
    this.nearest = new Latest(
      (row, k, metric) => panel.ask(`near/${panel.map.rows.position[row]}`, { k, metric }),
      (found) => this.found(found.arrays), (error) => this.failed(error),
    );
  }

  forget() {
    this.row = null;
    this.rows = [];
    this.example.drop();
    this.nearest.drop();
    this.x = null;
  }

  close() {
    this.example.drop();
    this.nearest.drop();
    this.panel.hide("point");
  }

  // On top of the other cards: it and its neighbours are marked; beneath them they are not.
  raise(on) {
    this.panel.mark(on ? { focus: this.row, near: this.rows } : { focus: null, near: [] });
  }

  // Pictures of the map's own shape: made when they are first needed.
  make() {
    const { shape } = this.panel;
    this.x = new Picture(shape, "The example");
    this.again = new Picture(shape, "Its reconstruction");
    this.second = captioned(this.again, "Reconstruction");
    this.pictures.replaceChildren(captioned(this.x, this.panel.images ? "Image" : "Point"), this.second);
    this.strip = new Strip(this.host, shape, (row) => this.show(row), (row) => this.pointed(row));
    this.host.replaceChildren();
  }

  show(row) {
    if (!this.x) this.make();
    const { panel } = this;
    this.row = row;
    this.head.title.textContent = `Index ${panel.map.rows.index[row]} of the ${panel.meta.request.split} split`;
    const thumbnail = panel.images && panel.map.sheets.image(row);
    if (thumbnail) drawThumbnail(this.x.root, thumbnail);
    this.rows = [];
    panel.show("point");
    this.coloured();
    this.example.want(row);
    this.ask();
  }

  // A neighbour under the pointer is ringed as the point itself is.
  pointed(row) {
    if (!this.root.hidden) this.panel.mark({ focus: row ?? this.row });
  }

  // What is left on the page of the point before is not this one's.
  failed(error) {
    for (const picture of [this.x, this.again]) picture.clear();
    this.strip.fill([]);
    this.shared.textContent = this.apart.textContent = "";
    this.panel.mark({ near: (this.rows = []) });
    this.panel.say(error.message);
  }

  seen({ arrays }) {
    this.x.show(example(arrays.x, 0));
    this.second.hidden = !arrays.x_hat;
    if (arrays.x_hat) this.again.show(example(arrays.x_hat, 0));
  }

  ask() {
    const k = Math.min(this.k, this.panel.map.count - 1);
    this.title.textContent = `${k} nearest of ${grouped(this.panel.map.count - 1)}, in ${this.panel.space}`;
    this.nearest.want(this.row, k, this.metric);
  }

  found({ place, distance }) {
    const { panel } = this;
    const { y } = panel.map.rows;
    const rows = Array.from(place.data);
    const named = panel.meta.classes.length > 0 && y[this.row] >= 0;
    const same = rows.filter((row) => y[row] === y[this.row]).length;
    this.shared.textContent = named ? `${same} of ${rows.length} share its class` : "";
    this.shared.hidden = !named;
    const kind = this.metric === "cosine" ? "cosine distance" : "distance";
    this.apart.textContent = this.metric === "cosine" ? "Under each 1 − cosine of the angle between the two" : `Under each its distance, in ${panel.unit}`;
    this.strip.fill(rows.map((row, k) => ({
      row, caption: apart(distance.data[k]), colour: panel.colourOf(y[row]),
      label: `${panel.nameOf(row)}, ${kind} ${apart(distance.data[k])}`,
    })));
    this.rows = rows;
    if (!this.root.hidden) this.raise(true);
    this.paint(rows);
  }

  // From the sheets where they are here already, else asked for.
  async paint(rows) {
    const lacking = fromSheets(this.panel, this.strip, rows);
    if (!lacking) return;
    try {
      const { arrays } = await this.panel.post("images", Int32Array.from(rows));
      this.strip.items.forEach((one, k) => one.row === rows[k] && one.picture.show(example(arrays.x, k)));
    } catch (error) {
      this.panel.say(error.message);
    }
  }

  // What is known of it in words, the colour of the dots among it.
  coloured() {
    if (this.row === null) return;
    const { panel, row } = this;
    const { column } = panel.map;
    const facts = [];
    if (panel.className(row)) facts.push(["Class", panel.className(row), panel.colourOf(panel.map.rows.y[row])]);
    if (column && column.name !== "class") facts.push([capital(column.title), valueOf(column, row)]);
    this.facts.replaceChildren(...facts.flatMap(([name, text, colour]) => {
      const value = part("dd", colour ? "dotted" : "", { textContent: text });
      if (colour) value.style.setProperty("--dot", colour);
      return [part("dt", "", { textContent: name }), value];
    }));
  }
}

const apart = (distance) => (distance > 0 && distance < LEAST_DISTANCE ? `< ${LEAST_DISTANCE}` : figure(distance));

// The value of a column at a row, with its unit.
function valueOf({ kind, values, names, unit }, row) {
  const value = values[row];
  if (kind === "category") return names[value] ?? "none";
  return `${figure(value)}${unit ? ` ${unit}` : ""}`;
}

// Paints what the map's sheets hold of a strip's rows; whether something is lacking.
function fromSheets({ images, map }, strip, rows) {
  if (!images) return true;
  let lacking = false;
  strip.items.forEach(({ picture }, k) => {
    const found = map.sheets.image(rows[k]);
    if (found) drawThumbnail(picture.root, found);
    else lacking = true;
  });
  return lacking;
}
