// The points that were selected: how many of each class, the mean of what the dots are coloured by, and their images.

const SHEET_OF = 60; // images at a time

class ChosenCard {
  constructor(panel) {
    Object.assign(this, { panel, rows: new Int32Array(), from: 0, kind: "x" });
    this.root = part("div", "card chosen", { hidden: true, tabIndex: -1 });
    this.copy = part("button", "", { type: "button", textContent: "Copy indices", onclick: () => this.copied() });
    this.clear = part("button", "", { type: "button", textContent: "Clear", onclick: () => this.close() });
    this.head = panel.head(this);
    const bar = part("div", "row");
    bar.append(this.copy, this.clear);
    this.mean = part("p", "mean");
    this.barHost = part("div", "bars");
    this.bars = new Bars(this.barHost);
    this.which = part("p", "title");
    this.kinds = switched("What to show", [["x", "Images"], ["x_hat", "Reconstructions"]], "x", (kind) => { this.kind = kind; this.paint(); });
    this.more = part("button", "", { type: "button", textContent: `Another ${SHEET_OF}`, onclick: () => this.another() });
    const choose = part("div", "row");
    choose.append(this.kinds, this.more);
    this.host = part("div", "strip many");
    this.list = part("textarea", "list", { readOnly: true, hidden: true, rows: 3, ariaLabel: "The indices" });
    this.root.append(this.head.root, bar, this.list, this.mean, this.barHost, this.which, choose, this.host);
    this.images = new Latest((rows) => panel.post("images", rows), (found, rows) => this.seen(found.arrays, rows), (error) => panel.say(error.message));
  }

  forget() {
    this.rows = new Int32Array();
    this.strip = null;
    this.images.drop();
  }

  close() {
    this.panel.map.select([], this.panel);
    this.panel.hide("chosen");
  }

  show(rows) {
    const { panel } = this;
    this.rows = rows;
    this.from = 0;
    this.list.hidden = true;
    this.copy.textContent = "Copy indices";
    if (!this.strip) {
      this.host.replaceChildren();
      this.strip = new Strip(this.host, panel.shape, (row) => panel.point(row), (row) => panel.mark({ focus: row }));
    }
    panel.show("chosen");
    this.head.title.textContent = `${grouped(rows.length)} selected, ${percent(rows.length / panel.map.count)} of the map`;
    this.kinds.children[0].textContent = panel.images ? "Images" : "Points";
    this.kinds.hidden = !panel.meta.can_reconstruct;
    this.barHost.hidden = panel.meta.classes.length === 0;
    this.count();
    this.coloured();
    this.page();
  }

  count() {
    const { map, meta } = this.panel;
    const tally = (rows) => {
      const counts = new Array(meta.classes.length).fill(0);
      for (const row of rows) if (map.rows.y[row] >= 0) counts[map.rows.y[row]]++;
      return counts;
    };
    this.bars.fill(meta.classes, tally(this.rows), tally(map.rows.y.keys()), (y) => this.panel.colourOf(y));
  }

  // The mean of a column of numbers, beside the whole map's.
  coloured() {
    const { column } = this.panel.map;
    const numbers = column?.kind === "number" && this.rows.length > 0;
    this.mean.textContent = numbers ? meansOf(column, this.rows) : "";
    this.mean.title = numbers ? column.protocol ?? "" : "";
  }

  another() {
    this.from = this.from + SHEET_OF < this.rows.length ? this.from + SHEET_OF : 0;
    this.page();
  }

  page() {
    const rows = this.rows.slice(this.from, this.from + SHEET_OF);
    const all = this.rows.length;
    this.which.textContent = all > SHEET_OF ? `${grouped(this.from + 1)} to ${grouped(this.from + rows.length)} of ${grouped(all)}` : "All of them";
    this.more.disabled = all <= SHEET_OF;
    this.strip.fill(Array.from(rows, (row) => ({
      row, colour: this.panel.colourOf(this.panel.map.rows.y[row]), label: this.panel.nameOf(row),
    })));
    this.paint();
  }

  get reconstructed() {
    return this.kind === "x_hat" && this.panel.meta.can_reconstruct;
  }

  // Images lie in the map's sheets already; reconstructions are asked for.
  paint() {
    const rows = this.rows.slice(this.from, this.from + SHEET_OF);
    if (!this.reconstructed && !fromSheets(this.panel, this.strip, rows)) return;
    this.images.want(rows);
  }

  seen(arrays, rows) {
    const shown = arrays[this.reconstructed ? "x_hat" : "x"];
    this.strip.items.forEach((one, k) => one.row === rows[k] && one.picture.show(example(shown, k)));
  }

  // To the clipboard, or, where the browser forbids it, as text to take by hand.
  async copied() {
    const { index } = this.panel.map.rows;
    const text = Array.from(this.rows, (row) => index[row]).join(", ");
    try {
      await navigator.clipboard.writeText(text);
      this.copy.textContent = `Copied ${grouped(this.rows.length)}`;
    } catch {
      this.list.value = text;
      this.list.hidden = false;
      this.list.select();
    }
  }
}

// "Reconstruction error: mean 12.3, of the whole map 10.1 (squared, summed per example)".
function meansOf({ title, values, unit }, rows) {
  const mean = (list) => {
    let [sum, n] = [0, 0];
    for (const value of list) if (Number.isFinite(value)) { sum += value; n++; }
    return figure(sum / n);
  };
  const named = unit ? ` (${unit})` : "";
  return `${capital(title)}: mean ${mean(Array.from(rows, (row) => values[row]))}, of the whole map ${mean(values)}${named}`;
}
