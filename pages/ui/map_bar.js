// What stands around a map: the bar over it, the badge of what is selected, its description, its picture as a file.

const WAYS = { move: "Move", lasso: "Lasso", box: "Box" };
const KEY_OF = { move: "M", lasso: "L", box: "B" };
const DRAWN = {
  move: "M8 1.5v13M1.5 8h13M8 1.5 6 3.5M8 1.5l2 2M8 14.5l-2-2M8 14.5l2-2M1.5 8l2-2M1.5 8l2 2M14.5 8l-2-2M14.5 8l-2 2",
  lasso: "M8 10.5c-3.6 0-6-1.6-6-4s2.6-4 6-4 6 1.6 6 4-2.4 4-6 4c-2 0-3.5.6-3.5 1.8S6 14 7 13.6",
  box: "M2 5V2.5h2.5M7 2.5h2M11.5 2.5H14V5M14 7v2M14 11v2.5h-2.5M9 13.5H7M4.5 13.5H2V11M2 9V7",
  images: "M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 9h5v5H9z",
  minus: "M3 8h10",
  plus: "M3 8h10M8 3v10",
  whole: "M2 5.5V2h3.5M10.5 2H14v3.5M14 10.5V14h-3.5M5.5 14H2v-3.5",
  save: "M8 2v8M8 10 5 7M8 10l3-3M2.5 13.5h11",
};
const NAME_MARGIN = 34; // pixels under the picture, for its legend

// A button with a small drawing and, where there is room, a word.
function sign(drawing, text, title, onclick) {
  const button = part("button", "sign", { type: "button", title, onclick, ariaLabel: title });
  button.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${DRAWN[drawing]}"/></svg>`;
  if (text) button.append(html("span", "", text));
  return button;
}

Object.assign(CodeMap.prototype, {
  build(parent) {
    this.root = part("div", "map");
    this.main = part("div", "main");
    this.side = part("div", "side");
    this.tools = part("div", "tools");
    this.stage = part("div", "stage");
    this.ground = part("canvas", "ground", { ariaHidden: "true" });
    this.marked = part("canvas", "marked", { tabIndex: 0, role: "application" });
    this.tip = part("div", "tip", { hidden: true });
    this.tip.append(part("canvas", "pixels"), html("p"));
    this.chip = part("div", "chip", { hidden: true });
    this.hints = html("p", "keys");
    this.stage.append(this.ground, this.marked, this.hints, this.chip, this.tip);
    this.word = part("p", "hint word", { role: "status" });
    this.main.append(this.bar(), this.stage, this.legend.host, this.legend.bar, this.time.host, this.word, this.legend.help);
    this.root.append(this.main, this.side);
    parent.append(this.root);
    this.take("move");
  },

  bar() {
    const bar = part("div", "bar");
    const colour = part("label", "choice");
    colour.append(html("span", "", "Colour"), this.legend.select, this.legend.number);
    const ways = part("div", "group", { role: "group", ariaLabel: "What dragging does" });
    this.ways = Object.fromEntries(Object.entries(WAYS).map(([name, text]) => [name, sign(name, text, `${text} (${KEY_OF[name]})`, () => this.take(name))]));
    ways.append(...Object.values(this.ways));
    this.imagesButton = sign("images", "Images", "All points as their images (I)", () => this.images(!this.asImages));
    this.imagesButton.ariaPressed = "false";
    this.imagesButton.hidden = true;
    const zoom = part("div", "group zooms");
    zoom.append(
      sign("minus", "", "Zoom out (−)", () => this.zoomBy(1 / 1.4)),
      sign("plus", "", "Zoom in (+)", () => this.zoomBy(1.4)),
      sign("whole", "", "The whole map (0)", () => this.whole()),
    );
    bar.append(colour, this.tools, ways, this.imagesButton, zoom, sign("save", "Picture", "Save this view as a PNG file", () => this.save()));
    return bar;
  },

  // What dragging does from now on.
  take(way) {
    this.way = way;
    for (const [name, button] of Object.entries(this.ways)) button.ariaPressed = String(name === way);
    this.marked.dataset.way = way;
  },

  images(on) {
    if (this.imagesButton.hidden) return;
    this.asImages = on;
    this.imagesButton.ariaPressed = String(on);
    if (on && !this.sheets.known) this.say("The images are on their way …");
    this.paint();
  },

  // A sheet of images has come.
  arrived() {
    this.root.dataset.sheets = this.sheets.sizes.filter(Boolean).length;
    if (this.sheets.complete && this.word.textContent.startsWith("The images")) this.say("");
    if (this.asImages) this.paint();
  },

  badge() {
    const { length } = this.selected;
    this.chip.hidden = !length;
    if (!length) return;
    const clear = part("button", "", { type: "button", textContent: "Clear", title: "Clear the selection (Esc)", onclick: () => this.select([]) });
    this.chip.replaceChildren(html("span", "", `${length.toLocaleString("en")} selected`), clear);
  },

  // The text alternative.
  describe() {
    const { meta, count, column } = this;
    const about = `${meta.title ?? "A map"}: ${count.toLocaleString("en")} points`;
    const coloured = column?.title ? `, coloured by ${column.title}${column.unit ? ` in ${column.unit}` : ""}` : "";
    const flat = this.at?.shape[1] !== 3;
    this.marked.ariaLabel = `${about}${coloured}. Arrow keys ${flat ? "move" : "turn"} it, plus and minus zoom, 0 shows all, N and P go from point to point, Enter picks one, L and B select by lasso or box.`;
    this.hints.textContent = `drag to ${flat ? "move" : "turn"} · wheel to zoom · Shift and drag to select`;
  },

  // What one sees as a PNG: points, names, rings, and the legend under them.
  save() {
    if (!this.theme) return;
    const { width, height } = this.ground;
    const scale = width / this.camera.width;
    const sheet = new OffscreenCanvas(width, height + NAME_MARGIN * scale);
    const context = sheet.getContext("2d");
    context.fillStyle = this.theme.paper;
    context.fillRect(0, 0, sheet.width, sheet.height);
    context.drawImage(this.ground, 0, 0);
    context.drawImage(this.marked, 0, 0);
    context.setTransform(scale, 0, 0, scale, 0, height);
    this.writeLegend(context, this.camera.width);
    savePng(sheet, this.meta.title ?? "map");
  },

  writeLegend(context, width) {
    context.font = `12px ${this.theme.font}`;
    const { colours } = this.legend.made;
    const write = (text, x) => { context.fillStyle = this.theme.text; context.fillText(text, x, 21); };
    if (this.legend.range) {
      const { low, high } = this.legend.range;
      for (let k = 0; k < 200; k++) {
        context.fillStyle = colours[1 + Math.round((k / 199) * (STEPS - 1))];
        context.fillRect(70 + k, 11, 1.5, 12);
      }
      write(brief(low), 10);
      write(`${brief(high)} ${this.column.unit ?? ""}   ${this.column.title}`, 280);
      return;
    }
    let x = 10;
    for (const { category, textContent } of this.legend.buttons ?? []) {
      if (x > width - 60) break;
      context.fillStyle = colours[category + 1];
      context.beginPath();
      context.arc(x + 4, 17, 4, 0, 7);
      context.fill();
      write(textContent, x + 12);
      x += 26 + context.measureText(textContent).width;
    }
  },
});
