// Slow motion: the batch of one turn on its way from noise to points to verdicts.

const FLIGHT = 0.8; // of the time that a stage stands: so long points fly from their noise to their place
const TONES = 8; // shades between generated and real

// Colours by verdict, 0 (generated) to TONES - 1 (real).
function tonesOf({ generated, real }) {
  const [low, high] = [rgb(generated), rgb(real)];
  return Array.from({ length: TONES }, (_, k) => {
    const share = k / (TONES - 1);
    return `rgb(${low.map((value, c) => Math.round(value + share * (high[c] - value))).join(",")})`;
  });
}

// Points in the colour of their verdicts; real ones are rings.
function drawJudged(pen, { data: at, shape: [n] }, verdicts, tones, hole) {
  for (let tone = 0; tone < TONES; tone++) {
    const own = [];
    for (let i = 0; i < n; i++) {
      if (Math.min(TONES - 1, Math.floor((verdicts.data[i] / 256) * TONES)) === tone) own.push(at[2 * i], at[2 * i + 1]);
    }
    drawDots(pen, own, own.length / 2, tones[tone], hole ? 4.4 : 3.2, 0.9);
    if (hole) drawDots(pen, own, own.length / 2, hole, 2.2, 1);
  }
}

// Draws the turn of a frame `seconds` after its stage began; true while points are on their way.
function drawTurn(pen, frame, lens, seconds, view) {
  const { turn_z: z, turn_x: x, turn_judged: judged, turn_real: real, turn_judged_real: judgedReal } = frame;
  const { colours, theme } = view;
  if (!x) {
    const still = new Float32Array(2 * z.shape[0]);
    drawDots(pen, morphed(z, still, 0, lens, still), z.shape[0], theme.text, 2.6, 0.7);
    return false;
  }
  const flying = frame.stage.event === "generate";
  const share = flying && !calm.matches ? Math.min(1, seconds / (FLIGHT * frame.stage.seconds)) : 1;
  if (!judged) {
    const places = morphed(z, x.data, share * share * (3 - 2 * share), lens, new Float32Array(x.data.length));
    drawDots(pen, places, z.shape[0], colours.generated, 2.8, 0.85);
    return flying && share < 1;
  }
  const tones = tonesOf(colours);
  if (real) drawJudged(pen, real, judgedReal, tones, theme.paper);
  drawJudged(pen, x, judged, tones, null);
  return false;
}
