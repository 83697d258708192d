// A square to draw points on: dragging leaves a trail. The points are told when the pointer is lifted.

const PATTERN = 0.05; // data units between two points of a trail

class Pad {
  constructor(parent) {
    this.points = [];
    this.before = []; // what was drawn before each trail and each clearing
    this.root = document.createElement("div");
    this.root.className = "pad";
    this.canvas = document.createElement("canvas");
    this.canvas.role = "img";
    this.canvas.ariaLabel = "Drag to draw points";
    this.undo = this.button("Undo", () => { this.points = this.before.pop(); });
    this.clear = this.button("Clear", () => { this.keep(); this.points = []; });
    this.note = document.createElement("span");
    const bar = document.createElement("div");
    bar.className = "padbar";
    bar.append(this.note, this.undo, this.clear);
    this.root.append(this.canvas, bar);
    parent.append(this.root);
    this.canvas.onpointerdown = (event) => { this.canvas.setPointerCapture(event.pointerId); this.down = true; this.keep(); this.add(event); };
    this.canvas.onpointermove = (event) => this.down && this.add(event);
    this.canvas.onpointerup = this.canvas.onpointercancel = () => { if (this.down) { this.down = false; this.tell(); } };
    new ResizeObserver(() => this.paint()).observe(this.root);
  }

  button(text, act) {
    const button = Object.assign(document.createElement("button"), { textContent: text, type: "button" });
    button.onclick = () => { act(); this.tell(); };
    return button;
  }

  keep() {
    this.before.push([...this.points]);
  }

  update(component) {
    this.component = component;
    const { points, extent, limit } = component.data;
    this.extent = extent;
    this.limit = limit;
    // What was told last is newer than all that the server shows before it has heard of it.
    if (JSON.stringify(points) === this.told) this.told = undefined;
    else if (!this.down && this.told === undefined) this.points = points;
    this.paint();
  }

  add(event) {
    const box = this.canvas.getBoundingClientRect();
    const place = [
      ((event.clientX - box.left) / box.width * 2 - 1) * this.extent,
      (1 - (event.clientY - box.top) / box.height * 2) * this.extent,
    ].map((v) => Number(v.toFixed(3)));
    const last = this.points.at(-1);
    const near = last && Math.hypot(last[0] - place[0], last[1] - place[1]) < PATTERN;
    if (!near && this.points.length < this.limit) this.points.push(place);
    this.paint();
  }

  tell() {
    this.told = JSON.stringify(this.points);
    this.component.setStateValue("points", this.points);
    this.paint();
  }

  paint() {
    const side = this.canvas.clientWidth;
    if (!side) return;
    const scale = window.devicePixelRatio || 1;
    this.canvas.style.height = `${side}px`;
    this.canvas.width = this.canvas.height = Math.round(side * scale);
    const context = this.canvas.getContext("2d");
    context.scale(scale, scale);
    const place = (v) => ((v / this.extent + 1) / 2) * side;
    const style = getComputedStyle(this.root);
    context.strokeStyle = style.getPropertyValue("--st-border-color");
    context.strokeRect(0.5, 0.5, side - 1, side - 1);
    context.beginPath();
    context.moveTo(side / 2, 0); context.lineTo(side / 2, side);
    context.moveTo(0, side / 2); context.lineTo(side, side / 2);
    context.stroke();
    context.fillStyle = this.component.data.colour;
    for (const [x, y] of this.points) {
      context.beginPath();
      context.arc(place(x), place(-y), 2.5, 0, 7);
      context.fill();
    }
    this.undo.disabled = !this.before.length;
    this.clear.disabled = !this.points.length;
    const full = this.points.length >= this.limit ? ", as many as there may be" : "";
    this.note.textContent = this.points.length ? `${this.points.length} points${full}` : "Drag in the square to draw";
  }
}

export default function (component) {
  const { parentElement: parent } = component;
  parent.pad ??= new Pad(parent);
  parent.pad.update(component);
}
