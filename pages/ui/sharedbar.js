// The bar of a clock that several pictures share, with curves that have the moment as a cursor.
class SharedBar {
  constructor(parent) {
    this.root = html("div", "timeline");
    this.strips = html("div", "strips");
    this.when = html("span", "when");
    this.root.append(this.strips);
    parent.append(this.root);
    this.observer = new ResizeObserver(() => this.paint());
    this.observer.observe(this.root);
  }

  update({ data }) {
    this.lines = data.lines;
    if (this.name === data.together) return this.paint();
    this.name = data.together;
    this.bar?.close();
    this.clock = Clock.named(data.together);
    this.bar = new TimeBar(this.clock);
    this.bar.root.insertBefore(this.when, this.bar.speed);
    this.measure = html("select", "small");
    this.measure.ariaLabel = "What the slider counts";
    this.measure.append(...[["step", "by step"], ["share", "by share"]].map(([value, text]) => Object.assign(html("option", "", text), { value })));
    this.measure.onchange = () => this.clock.measure(this.measure.value);
    this.bar.newest.before(this.measure);
    this.strip = data.strips.map((wanted, k) => new Strip(this.clock, wanted, !k));
    this.strips.replaceChildren(...this.strip.map((one) => one.root));
    this.root.append(this.bar.root);
    this.clock.join("bars", this);
  }

  paint() {
    if (!this.clock) return;
    const members = [...this.clock.members].filter(({ frames }) => frames?.steps.length);
    const lines = this.lines.flatMap((line) => {
      const frames = members.find((one) => one.frames.run === line.run)?.frames;
      if (!frames) return [];
      if (this.strip.length) frames.follow();
      return [{ ...line, frames }];
    });
    this.measure.hidden = this.clock.members.size < 2;
    this.when.textContent = this.clock.at === null ? "" : moment(this.clock, this.clock.at);
    for (const strip of this.strip) strip.paint(lines, themeOf(this.root));
  }

  close() {
    this.observer.disconnect();
    this.bar?.close();
    this.clock?.leave(this);
  }
}
