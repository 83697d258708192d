// The bar under a picture, or over several: play, the slider, speed. Its keys: left, right, Home, End, space.

const KEYS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
const PAGE = "body, [data-testid=stMain]";

class TimeBar {
  constructor(clock) {
    this.clock = clock;
    this.root = html("div", "time");
    this.playButton = html("button", "small play");
    this.playButton.onclick = () => clock.toggle();
    this.slider = Object.assign(html("input"), { type: "range", min: 0, max: 1, value: 1, step: 1 });
    this.slider.ariaLabel = "Time: drag to see earlier steps";
    this.slider.oninput = () => { clock.stop(); clock.show(Number(this.slider.value)); };
    this.speed = html("select", "small");
    this.speed.ariaLabel = this.speed.title = "Speed of playing";
    this.speed.append(...SPEEDS.map((speed) => Object.assign(html("option", "", `${speed}×`), { value: speed })));
    this.speed.onchange = () => { clock.speed = Number(this.speed.value); };
    this.newest = html("button", "small", "Newest");
    this.newest.onclick = () => { clock.stop(); clock.show(Infinity); };
    this.root.append(this.playButton, this.slider, this.speed, this.newest);
    this.root.addEventListener("keydown", (event) => this.key(event));
    // Left and right also work while nothing on the page has the focus, or the page itself has it after a click.
    this.anywhere = (event) => event.target.matches?.(PAGE) && ["ArrowLeft", "ArrowRight"].includes(event.key) && this.key(event);
    document.addEventListener("keydown", this.anywhere);
    clock.join("bars", this);
  }

  key(event) {
    const inside = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey || inside.tagName === "SELECT" || !this.root.isConnected) return;
    if (event.key === " " && inside.tagName !== "BUTTON") this.clock.toggle();
    else if (event.key in KEYS) {
      this.clock.stop();
      this.clock.show(Math.max(0, this.clock.position + KEYS[event.key]));
    } else return;
    event.preventDefault();
  }

  paint() {
    const { clock } = this;
    const label = clock.playing ? "Pause" : clock.unit === "step" ? "Play the training" : `Play the ${clock.unit}s`;
    this.playButton.textContent = clock.playing ? "❚❚" : "▶";
    if (this.playButton.ariaLabel !== label) this.playButton.title = this.playButton.ariaLabel = label;
    this.slider.disabled = this.playButton.disabled = !clock.stops.length;
    this.slider.max = Math.max(clock.stops.length, 1);
    this.slider.value = clock.stops.length ? clock.position : 1;
    this.slider.ariaValueText = clock.at === null ? "newest" : moment(clock, clock.at);
    this.speed.value = clock.speed;
    this.newest.disabled = clock.at === null;
  }

  close() {
    document.removeEventListener("keydown", this.anywhere);
    this.clock.leave(this);
  }
}

// A moment in words: "step 1,200", "iteration 50" or "40 % of the training".
function moment(clock, at) {
  if (clock.by === "step") return `${clock.unit} ${at.toLocaleString("en")}`;
  const share = 100 * at;
  return `${share >= 1 || !share ? Math.round(share) : share.toPrecision(1)} % of the ${clock.unit === "step" ? "training" : "way"}`;
}
