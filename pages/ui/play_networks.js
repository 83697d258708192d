// The two networks with their settings and the data that flow through them; in slow motion what takes part in the present
// stage is lit.

const NET_HEIGHT = 189;
const NET_MIDDLE = 91;
const MOST_DOTS = 6; // of a layer; its true size stands under it
const LANES = 3; // streams of data between two layers
const BEAT = 30; // milliseconds between two drawings: what flows need not be as smooth as the points
const FLOW = 0.11; // of the way between two layers, with each drawing

// By the event that a stage names: what it lights up, which way things flow, what it means.
const STAGES = {
  "sample noise": { lit: ["z"], says: "Sample noise: new z are drawn from the prior." },
  generate: { lit: ["z", "G", "fake"], says: "Generate: G turns each z into a point." },
  judge: { lit: ["fake", "D", "verdict"], says: "Judge: D says how real each point looks, from orange to blue; rings are real points." },
  "update D": { lit: ["fake", "D", "verdict"], learns: "D", says: "Update D: its weights step towards telling the two apart." },
  "update G": { lit: ["G", "D", "fake", "verdict"], learns: "G", says: "Update G: the gradient comes back through D; only G's weights step." },
};
const UNFROZEN = { "update G": { learns: "GD", says: "Update G: the gradient comes back through D, and D's weights step too: it learns to be deceived." } };

// The stage of a frame { lit, learns, says, phase, event, turn, real }, or null; of an unknown one only its name is said.
// A D that is not `frozen` learns in G's turn too.
function stageOf(frame, frozen) {
  if (!frame?.stage) return null;
  const { phase, event, repeat, repeats } = frame.stage;
  const known = { ...(STAGES[event] ?? { lit: [], says: event }), ...(frozen ? {} : UNFROZEN[event]) };
  const turn = `${phase}'s turn${repeats > 1 ? ` (${repeat + 1} of ${repeats})` : ""}`;
  // In G's turn no real points are shown to D.
  const real = phase === "D" && known.lit.includes("D");
  return { ...known, says: real ? known.says : known.says.replace("; rings are real points", ""), phase, event, turn, real };
}

class PlayNetworks {
  constructor(view) {
    this.view = view;
    this.root = html("figure", "networks");
    this.caption = html("figcaption");
    this.canvas = html("canvas");
    this.canvas.role = "img";
    this.said = html("p", "said");
    this.said.setAttribute("aria-live", "polite");
    this.root.append(this.caption, this.canvas);
    this.phase = 0;
    this.drawn = 0;
  }

  update(networks) {
    this.networks = networks;
    this.root.hidden = !networks;
    if (!networks) return;
    const { G, D, classes, says } = networks;
    this.caption.textContent = `How data flow through both networks${classes ? "; both are told the class" : ""}`;
    this.canvas.ariaLabel = `G: ${G.join(" → ")} units, ${says.G.join(", ")}; D: ${D.join(" → ")} units, ${says.D.join(", ")}`;
  }

  show(frame) {
    this.stage = stageOf(frame, this.networks?.frozen ?? true);
    const text = this.stage ? `${this.stage.turn}. ${this.stage.says}` : "";
    if (this.said.textContent !== text) this.said.textContent = text;
    this.root.dataset.stage = this.stage?.event ?? "";
  }

  // Layers from left to right: [{ part, size, x, ys }].
  layers(width) {
    const { G, D } = this.networks;
    const named = [
      ...G.map((size, k) => ({ part: k === 0 ? "z" : k === G.length - 1 ? "fake" : "G", size })),
      ...D.slice(1).map((size, k, rest) => ({ part: k === rest.length - 1 ? "verdict" : "D", size })),
    ];
    const gap = (width - 40) / (named.length - 1);
    return named.map((layer, k) => {
      const count = Math.min(MOST_DOTS, layer.size);
      const tall = Math.min(17, 80 / Math.max(count, 1));
      const ys = Array.from({ length: count }, (_, i) => NET_MIDDLE + (i - (count - 1) / 2) * tall);
      return { ...layer, x: 20 + k * gap, ys };
    });
  }

  draw(moment, flowing, force) {
    if (!this.networks || this.root.hidden) return false;
    const moves = flowing || this.stage;
    if (!moves && !force) return false;
    if (!force && moment - this.drawn < BEAT) return true;
    this.drawn = moment;
    const area = surface(this.canvas, NET_HEIGHT / (this.canvas.clientWidth || 1));
    if (!area) return false;
    if (moves && !calm.matches) this.phase = (this.phase + FLOW * (this.stage ? 0.35 : 1)) % 1;
    const layers = this.layers(area.width);
    const last = this.networks.G.length - 1;
    const real = { part: "real", size: 0, x: layers[last].x, ys: [NET_MIDDLE + 63, NET_MIDDLE + 75] };
    for (let k = 0; k + 1 < layers.length; k++) this.between(area.context, layers[k], layers[k + 1], k < last ? "G" : "D", moves);
    this.between(area.context, real, layers[last + 1], "D", moves);
    for (const layer of [...layers, real]) this.layer(area.context, layer);
    this.words(area, layers, last);
    return Boolean(moves);
  }

  colourOf(part) {
    const { colours, theme } = this.view;
    return { G: colours.generated, fake: colours.generated, z: theme.text, real: colours.real, D: colours.discriminator, verdict: colours.discriminator }[part];
  }

  isLit(part) {
    if (!this.stage) return true;
    return part === "real" ? Boolean(this.stage.real) : this.stage.lit.includes(part);
  }

  // The weights between two layers, and what flows along them: data on its way, or in an update gradients back.
  between(context, left, right, network, moves) {
    const { stage } = this;
    const lit = (stage ? stage.lit.includes(network) : true) && this.isLit(left.part === "real" ? "real" : network);
    const learns = stage?.learns?.includes(network) && left.part !== "real";
    const back = Boolean(stage?.learns);
    context.strokeStyle = this.colourOf(network);
    context.globalAlpha = learns ? 0.75 : lit ? 0.22 : 0.08;
    context.lineWidth = learns ? 1.6 : 0.8;
    context.beginPath();
    for (const from of left.ys) {
      for (const to of right.ys) {
        context.moveTo(left.x, from);
        context.lineTo(right.x, to);
      }
    }
    context.stroke();
    if (!moves || !lit) return;
    context.fillStyle = back ? this.view.theme.text : this.colourOf(left.part === "z" ? "G" : left.part === "real" ? "real" : left.part);
    context.globalAlpha = 0.9;
    for (let lane = 0; lane < LANES; lane++) {
      const share = back ? 1 - this.phase : this.phase;
      const from = left.ys[Math.floor(((lane + 0.5) / LANES) * left.ys.length)];
      const to = right.ys[Math.floor(((LANES - lane - 0.5) / LANES) * right.ys.length)];
      context.fillRect(left.x + share * (right.x - left.x) - 1.5, from + share * (to - from) - 1.5, 3, 3);
    }
    context.globalAlpha = 1;
  }

  layer(context, { part, size, x, ys }) {
    context.globalAlpha = this.isLit(part) ? 1 : 0.25;
    context.fillStyle = this.colourOf(part);
    for (const y of ys) {
      context.beginPath();
      context.arc(x, y, 4, 0, 7);
      context.fill();
    }
    const { theme } = this.view;
    context.fillStyle = theme.text;
    context.font = `12px ${theme.font}`;
    context.textAlign = "center";
    context.globalAlpha *= 0.85;
    if (size) context.fillText(String(size), x, NET_MIDDLE + 55);
    context.globalAlpha = 1;
  }

  words({ context }, layers, last) {
    const { theme } = this.view;
    const { says } = this.networks;
    context.textAlign = "center";
    const word = (text, x, y, colour, bold, most) => {
      context.font = `${bold ? "600 14" : "12"}px ${theme.font}`;
      context.fillStyle = colour;
      context.fillText(text, x, y, most);
    };
    for (const [name, from, to] of [["G", 0, last], ["D", last, layers.length - 1]]) {
      const [middle, wide] = [(layers[from].x + layers[to].x) / 2, layers[to].x - layers[from].x];
      word(name, middle, 12, this.colourOf(name), true);
      says[name].forEach((line, k) => word(line, middle, 29 + 15 * k, theme.text, false, wide - 12));
    }
    word(this.networks.classes ? "z, class" : "z", layers[0].x + (this.networks.classes ? 6 : 0), NET_MIDDLE + 72, theme.text);
    word("real", layers[last].x, NET_MIDDLE + 94, this.view.colours.real);
    word("real?", layers.at(-1).x, NET_MIDDLE + 72, theme.text);
  }
}
