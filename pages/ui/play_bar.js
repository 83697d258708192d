// What stands around a time bar of the playground: marks where modes dropped out, and for several runs their figures.

// By scalar: what it is called, and how its value (and the step at which it was measured) is written.
const FIGURES = [
  ["samples/js", "at step", (_, step) => step?.toLocaleString("en") ?? ""],
  ["samples/modes", "modes", (value) => String(Math.round(value))],
  ["samples/high_quality", "high quality", (value) => `${(100 * value).toFixed(1)} %`],
  ["samples/reverse_kl", "reverse KL (nats)", (value) => value.toFixed(3)],
  ["samples/js", "Jensen–Shannon (nats)", (value) => value.toFixed(3)],
  ["samples/cells", "covered cells", (value) => `${(100 * value).toFixed(1)} %`],
];

// Marks under a time bar's slider: at each alarm a small button that leads there.
class AlarmMarks {
  constructor(bar) {
    this.bar = bar;
    this.marks = html("div", "marks");
    const track = html("div", "track");
    bar.slider.replaceWith(track);
    track.append(bar.slider, this.marks);
  }

  // `alarms` are { moment, text }.
  paint(alarms) {
    const { clock } = this.bar;
    const { stops } = clock;
    const name = JSON.stringify([alarms, stops.length, stops.at(-1)]);
    if (name === this.painted) return;
    this.painted = name;
    this.marks.replaceChildren(...alarms.map(({ moment, text }) => {
      const place = placeOf(clock, moment);
      const mark = html("button", "mark");
      mark.title = mark.ariaLabel = text;
      mark.style.setProperty("--at", place / Math.max(1, stops.length));
      mark.onclick = () => { clock.stop(); clock.show(place); };
      return mark;
    }));
  }
}

// The stop of a clock at a moment: the first one not earlier.
function placeOf(clock, moment) {
  const found = clock.stops.findIndex((stop) => stop * NEAR >= moment);
  return found < 0 ? clock.stops.length - 1 : found;
}

// One slider for several runs, and a table of what each of them has reached at the moment shown.
class PlayTable {
  constructor(parent) {
    this.root = html("div", "ground table");
    this.table = html("table");
    this.root.append(this.table);
    parent.append(this.root);
    this.theme = css(this.root);
  }

  update({ data }) {
    this.data = data;
    if (this.name !== data.together) {
      this.name = data.together;
      this.bar?.close();
      this.clock = Clock.named(data.together);
      this.bar = new TimeBar(this.clock);
      this.when = html("span", "when");
      this.bar.root.insertBefore(this.when, this.bar.speed);
      this.bar.root.append(pictureButton(() => this.data.lines.map(({ run, name }) => ({ name, view: this.viewOf(run) }))));
      this.marks = new AlarmMarks(this.bar);
      this.root.prepend(this.bar.root);
      this.clock.join("bars", this);
    }
    this.paint();
  }

  viewOf(run) {
    return [...this.clock.members].find(({ frames }) => frames?.run === run);
  }

  paint() {
    const { clock, data } = this;
    if (!clock) return;
    this.when.textContent = clock.at === null ? "newest" : moment(clock, clock.at);
    const rows = data.lines.map((line) => ({ ...line, frames: this.viewOf(line.run)?.frames }));
    for (const { frames } of rows) frames?.follow();
    this.marks.paint(rows.flatMap(({ name, frames }) => (frames?.alarms ?? []).map((step) => ({ moment: clock.moment(frames, step), text: `${name}: modes dropped out at step ${step.toLocaleString("en")}` }))));
    const shown = FIGURES.filter(([name]) => rows.some(({ frames }) => frames?.scalars?.[name]));
    const cells = rows.map(({ name, colour, frames }) => ({ name, colour, values: shown.map(([term, , words]) => this.value(frames, term, words)) }));
    const floors = shown.map(([term, , words]) => (data.floors?.[term.split("/")[1]] === undefined ? "" : words(data.floors[term.split("/")[1]])));
    const written = JSON.stringify([cells, floors]);
    if (written === this.written) return;
    this.written = written;
    const row = (tag, texts) => {
      const line = html("tr");
      line.append(...texts.map((text, k) => html(k ? tag : "th", "", text)));
      return line;
    };
    const lines = cells.map(({ name, colour, values }) => {
      const line = row("td", [name, ...values]);
      line.firstChild.style.setProperty("--dot", colour);
      return line;
    });
    const truth = floors.some(Boolean) ? [row("td", ["true data", ...floors])] : [];
    this.table.replaceChildren(...(shown.length ? [row("th", ["of 2,500 samples", ...shown.map(([, title]) => title)]), ...lines, ...truth] : []));
  }

  // The last value not later than the moment shown.
  value(frames, term, words) {
    const scalars = frames?.scalars?.[term];
    if (!scalars) return "–";
    const { steps, values } = seriesOf(scalars);
    const until = this.clock.stepOf(frames) ?? Infinity;
    const found = valueAt({ steps, values }, until);
    return Number.isFinite(found) ? words(found, valueAt({ steps, values: steps }, until)) : "–";
  }

  close() {
    this.bar?.close();
    this.clock?.leave(this);
  }
}
