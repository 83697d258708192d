// A field beside the map's bar that finds a class by its name, or a point by its index or position.

const OFFERED = 12; // suggestions at a time
const NUMBERED = /^(index|row|position|#)?\s*(\d{1,9})$/;

class MapSearch {
  constructor(panel) {
    Object.assign(this, { panel, offers: [], at: 0 });
    this.root = part("div", "search");
    this.field = part("input", "", { type: "search", title: "A class by its name, a point by its index", autocomplete: "off", spellcheck: false, role: "combobox", ariaLabel: "Find a class by name, a point by its index", ariaExpanded: "false", ariaAutoComplete: "list" });
    this.list = part("div", "offers", { role: "listbox", id: "offers", hidden: true, ariaLabel: "Found" });
    this.field.setAttribute("aria-controls", "offers");
    this.root.append(part("span", "title", { textContent: "Find" }), this.field, this.list);
    this.field.oninput = () => this.offer();
    this.field.onfocus = () => this.offer();
    this.field.onblur = () => this.shut();
    this.field.onkeydown = (event) => this.key(event);
  }

  fill({ classes }) {
    const counts = new Array(classes.length).fill(0);
    for (const y of this.panel.map.rows.y) if (y >= 0) counts[y]++;
    this.classes = classes.map((name, y) => ({ name, y, count: counts[y] }));
    this.field.value = "";
    this.shut();
  }

  // Classes whose name begins so, those that contain it, and the points that a number means.
  found(text) {
    const wanted = text.trim().toLowerCase();
    const all = this.classes ?? [];
    const begin = all.filter(({ name }) => name.toLowerCase().startsWith(wanted));
    const within = wanted ? all.filter((one) => !begin.includes(one) && one.name.toLowerCase().includes(wanted)) : [];
    const points = this.points(wanted);
    const named = [...begin, ...within].slice(0, OFFERED - points.length).map((one) => ({
      text: `class ${one.name}`, detail: several(one.count, "point"), colour: this.panel.colourOf(one.y),
      act: () => this.isolate(one.y),
    }));
    const back = !wanted && this.isolated ? [{ text: "all classes", detail: "", act: () => this.isolate(null) }] : [];
    return [...back, ...named, ...points];
  }

  points(wanted) {
    const asked = NUMBERED.exec(wanted);
    if (!asked) return [];
    const { rows } = this.panel.map;
    const kinds = { position: ["position"], index: ["index"], row: ["index"], "#": ["index"] }[asked[1]] ?? ["index", "position"];
    const found = kinds.map((kind) => [kind, rows[kind].indexOf(Number(asked[2]))]);
    // In many data sets the two are the same number.
    const told = found.filter(([, row], k) => row >= 0 && found.findIndex((one) => one[1] === row) === k);
    return told.map(([kind, row]) => ({
      text: `${kind} ${Number(asked[2])}`, detail: this.panel.className(row) && `class ${this.panel.className(row)}`,
      colour: this.panel.colourOf(rows.y[row]), act: () => this.panel.goTo(row),
    }));
  }

  async isolate(y) {
    const { map } = this.panel;
    this.isolated = y !== null;
    if (map.column?.name !== "class") await map.colourBy("class");
    map.isolate(y);
  }

  offer() {
    this.offers = this.found(this.field.value);
    this.at = this.field.value.trim() ? 0 : -1;
    this.show();
  }

  show() {
    const nothing = this.field.value.trim() && !this.offers.length;
    this.list.replaceChildren(...this.offers.map(({ text, detail, colour }, k) => {
      const row = part("div", "offer", { role: "option", id: `offer-${k}`, ariaSelected: String(k === this.at) });
      row.style.setProperty("--dot", colour ?? "transparent");
      row.append(part("span", "dotted", { textContent: text }), part("span", "hint", { textContent: detail || "" }));
      row.onpointerdown = (event) => { event.preventDefault(); this.take(k); };
      return row;
    }));
    if (nothing) this.list.append(part("p", "hint", { textContent: this.nothing() }));
    const open = nothing || this.offers.length > 0;
    this.list.hidden = !open;
    this.field.ariaExpanded = String(open);
    this.field.setAttribute("aria-activedescendant", this.offers[this.at] ? `offer-${this.at}` : "");
  }

  nothing() {
    const count = grouped(this.panel.map.count);
    if (NUMBERED.test(this.field.value.trim().toLowerCase())) return `None of the ${count} points of this map has this number.`;
    return this.classes?.length ? "No class has this name." : "These data have no classes; type an index.";
  }

  take(k) {
    const chosen = this.offers[k];
    if (!chosen) return;
    this.field.value = "";
    this.shut();
    chosen.act();
  }

  shut() {
    this.list.hidden = true;
    this.field.ariaExpanded = "false";
  }

  key(event) {
    event.stopPropagation(); // what is typed here is no key of the map's
    if (event.key === "Enter") this.take(this.at);
    else if (event.key === "Escape") {
      this.field.value = "";
      this.shut();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const by = event.key === "ArrowDown" ? 1 : -1;
      const n = this.offers.length;
      this.at = this.at < 0 && by < 0 ? n - 1 : (this.at + by + n) % Math.max(n, 1);
      this.show();
    }
  }
}
