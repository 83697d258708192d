// Still images that one can point at and click. An item is a stack of pictures of the same thing; pointing at it (or
// moving to it with the keyboard, or a tap) shows them enlarged side by side, a click tells the page its number.

const html = (tag, name, text = "") => {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = text;
  return element;
};

// Image i of images (n, C, H, W) on a canvas of just as many pixels; the style sheet enlarges it.
function paint(canvas, images, i) {
  const [, , height, width] = images.shape;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const sheet = new ImageData(width, height);
  blit(sheet, images, i, 0, 0);
  canvas.getContext("2d").putImageData(sheet, 0, 0);
}

const LARGE = 190; // CSS pixels across one enlarged picture, where there is room
const MARGIN = 8; // between the enlarged view, its item and the window's edge

class Gallery {
  constructor(parent) {
    this.root = html("div", "gallery");
    this.grid = html("div", "grid");
    this.grid.role = "group";
    this.names = html("p", "key");
    this.card = html("div", "card");
    this.card.hidden = true;
    this.card.setAttribute("aria-hidden", "true"); // the item's own label says the same
    if (this.card.showPopover) this.card.popover = "manual"; // above everything, whatever clips the page
    this.enlarged = html("div", "enlarged");
    this.detail = html("p", "detail");
    this.card.append(this.enlarged, this.detail);
    this.root.append(this.grid, this.names, this.card);
    parent.append(this.root);
    this.items = [];
    this.shown = null;
    this.grid.addEventListener("keydown", (event) => this.move(event));
    this.away = (event) => event.type === "scroll" || !event.composedPath().includes(this.grid) ? this.hide() : null;
    window.addEventListener("scroll", this.away, true);
    window.addEventListener("pointerdown", this.away, true);
  }

  // Called at the start and whenever Streamlit has new data, a new theme included.
  update(component) {
    this.component = component;
    const { data } = component;
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
    const { arrays, meta } = unpack(bytes.slice().buffer);
    const old = this.meta;
    this.meta = meta;
    // The mark that a click has set stands until the page says something new.
    if (meta.version !== old?.version) this.fill(arrays);
    if (meta.version !== old?.version || meta.marked !== old.marked) this.mark(meta.marked);
  }

  fill(arrays) {
    const { names, captions, columns, choose, alt } = this.meta;
    this.layers = names.map((_, k) => arrays[k]);
    this.grid.ariaLabel = alt;
    this.root.classList.toggle("choose", choose);
    this.grid.style.setProperty("--columns", columns);
    this.grid.style.setProperty("--least", captions.length ? "3.4rem" : "2.2rem");
    this.names.textContent = names.length > 1 ? `From top to bottom: ${names.join(" · ")}` : "";
    const n = this.layers[0].shape[0];
    if (this.items[0]?.canvases.length !== names.length) this.resize(0);
    this.resize(n);
    this.items.forEach(({ button, canvases, caption }, i) => {
      canvases.forEach((canvas, k) => paint(canvas, this.layers[k], i));
      caption.textContent = captions[i] ?? "";
      button.ariaLabel = [`${i + 1} of ${n}`, this.textOf(i)].filter(Boolean).join(": ");
    });
    if (!this.items.some(({ button }) => button.tabIndex === 0) && n) this.items[0].button.tabIndex = 0;
    // Whoever points at an item while the numbers change sees them change.
    if (this.shown !== null) this.shown < n ? this.show(this.shown) : this.hide();
  }

  textOf(i) {
    return this.meta.details[i] ?? this.meta.captions[i] ?? "";
  }

  // As many items as there are pictures; those that stay keep the focus.
  resize(n) {
    while (this.items.length > n) this.items.pop().button.remove();
    while (this.items.length < n) this.items.push(this.item(this.items.length));
  }

  item(i) {
    const button = html("button", "item");
    const canvases = this.layers.map(() => html("canvas"));
    const caption = html("span", "caption");
    button.type = "button";
    button.tabIndex = -1;
    button.append(...canvases, caption);
    button.onpointerenter = (event) => event.pointerType !== "touch" && this.show(i);
    button.onpointerleave = (event) => event.pointerType !== "touch" && this.hide();
    button.onfocus = () => { this.rove(i); if (button.matches(":focus-visible")) this.show(i); };
    button.onblur = () => this.hide();
    button.onclick = () => {
      this.show(i);
      if (!this.meta.choose) return;
      this.mark(i);
      this.component.setTriggerValue("chosen", i);
    };
    this.grid.append(button);
    return { button, canvases, caption };
  }

  mark(marked) {
    this.items.forEach(({ button }, i) => {
      button.dataset.marked = String(i === marked);
      if (this.meta.choose) button.ariaPressed = String(i === marked);
    });
  }

  // One stop for the tab key; the arrows move within.
  rove(i) {
    this.items.forEach(({ button }, k) => { button.tabIndex = k === i ? 0 : -1; });
  }

  move(event) {
    if (event.key === "Escape") return this.hide();
    const at = this.items.findIndex(({ button }) => button.tabIndex === 0);
    const across = getComputedStyle(this.grid).gridTemplateColumns.split(" ").length;
    const last = this.items.length - 1;
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + across, ArrowUp: at - across, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to >= 0 && to <= last) this.items[to].button.focus();
  }

  show(i) {
    this.shown = i;
    const figures = this.layers.map((images, k) => {
      const figure = html("figure");
      const canvas = html("canvas");
      paint(canvas, images, i);
      figure.append(html("figcaption", "", this.meta.names[k]), canvas);
      return figure;
    });
    this.enlarged.replaceChildren(...figures);
    this.detail.textContent = this.textOf(i);
    this.card.hidden = false;
    if (this.card.popover && !this.card.matches(":popover-open")) this.card.showPopover();
    this.place(this.items[i].button.getBoundingClientRect());
  }

  // Above or below the item, wherever there is more room, and never outside the window.
  place(item) {
    this.card.style.width = `${Math.min(innerWidth - 2 * MARGIN, this.layers.length * (LARGE + 10) + 28)}px`;
    const { width, height } = this.card.getBoundingClientRect();
    const above = item.top - MARGIN - height;
    const below = item.bottom + MARGIN;
    const top = below + height <= innerHeight || item.top < innerHeight - item.bottom ? below : above;
    const clamp = (value, size, all) => Math.max(MARGIN, Math.min(value, all - size - MARGIN));
    this.card.style.left = `${clamp((item.left + item.right - width) / 2, width, innerWidth)}px`;
    this.card.style.top = `${clamp(top, height, innerHeight)}px`;
  }

  hide() {
    this.shown = null;
    if (this.card.popover && this.card.matches(":popover-open")) this.card.hidePopover();
    this.card.hidden = true;
  }

  close() {
    this.hide();
    window.removeEventListener("scroll", this.away, true);
    window.removeEventListener("pointerdown", this.away, true);
  }
}

export default function (component) {
  const { parentElement: parent } = component;
  const gallery = (parent.gallery ??= new Gallery(parent));
  gallery.turn = (gallery.turn ?? 0) + 1;
  const turn = gallery.turn;
  gallery.update(component);
  // Streamlit also cleans up between two calls for one gallery; only one that is not called again is closed.
  return () => setTimeout(() => {
    if (gallery.turn !== turn || gallery.root.isConnected) return;
    gallery.close();
    delete parent.gallery;
  }, 200);
}
