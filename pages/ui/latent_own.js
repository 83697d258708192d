// An image of one's own for a latent square: drawn, chosen, dropped or pasted, and made as small as the data's.

// A picture's file as pixels (C, H, W) of 0..255: the middle square of it, or all of one that has the data's shape.
async function pixelsOf(file, [channels, height, width]) {
  const picture = await createImageBitmap(file);
  const scale = Math.max(width / picture.width, height / picture.height);
  const [w, h] = [picture.width * scale, picture.height * scale];
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(await halved(picture, w, h), (width - w) / 2, (height - h) / 2, w, h);
  const { data } = context.getImageData(0, 0, width, height);
  const plane = height * width;
  return Uint8Array.from({ length: channels * plane }, (_, i) => {
    const [channel, from] = [Math.floor(i / plane), 4 * (i % plane)];
    if (channels === 3) return data[from + channel];
    return Math.round(0.299 * data[from] + 0.587 * data[from + 1] + 0.114 * data[from + 2]);
  });
}

// Halving again and again averages over every pixel, where one large step would leave some out.
async function halved(picture, w, h) {
  let now = picture;
  while (now.width > 2 * w && now.height > 2 * h) {
    const half = new OffscreenCanvas(Math.ceil(now.width / 2), Math.ceil(now.height / 2));
    half.getContext("2d").drawImage(now, 0, 0, half.width, half.height);
    now = half;
  }
  return now;
}

// Most data are light on dark; a photograph of ink on paper is the other way about.
const inverted = (pixels) => pixels.map((value) => 255 - value);

class Own {
  // `placed(pixels)` hears of every new image, `wrong(sentence)` of a file that is none.
  constructor(root, placed, wrong) {
    Object.assign(this, { placed, wrong });
    this.file = part("input", "", { type: "file", accept: "image/*", hidden: true });
    this.file.onchange = () => { this.take(this.file.files[0]); this.file.value = ""; };
    this.button = part("button", "", { type: "button", textContent: "Your image", onclick: () => this.file.click() });
    this.drawing = part("button", "", { type: "button", textContent: "Draw", ariaPressed: "false", onclick: () => this.sheet() });
    this.sheetHost = part("div", "", { hidden: true });
    this.button.title = "Choose a picture, drop one on the square, or paste one";
    root.addEventListener("dragover", (event) => event.preventDefault());
    root.addEventListener("drop", (event) => { event.preventDefault(); this.take(event.dataTransfer.files[0]); });
    this.pasted = (event) => {
      const file = [...(event.clipboardData?.files ?? [])].find((one) => one.type.startsWith("image/"));
      if (file && root.isConnected) this.take(file);
    };
    document.addEventListener("paste", this.pasted);
  }

  async take(file) {
    if (!file || !this.shape) return;
    try {
      this.pixels = await pixelsOf(file, this.shape);
    } catch {
      this.wrong("This file is no picture that can be read.");
      return;
    }
    this.placed(this.pixels);
  }

  invert() {
    this.pixels = inverted(this.pixels);
    this.placed(this.pixels);
  }

  // A sheet to draw on; every stroke is placed. A drawing is the same in every channel.
  sheet() {
    this.sheetHost.hidden = !this.sheetHost.hidden;
    this.drawing.ariaPressed = String(!this.sheetHost.hidden);
    if (this.sheetHost.hidden || !this.shape) return;
    this.sketch ??= new Sketch(this.sheetHost);
    const setStateValue = (_, { pixels }) => {
      if (!pixels) return;
      this.pixels = Uint8Array.from(Array(this.shape[0]).fill(pixels.flat()).flat());
      this.placed(this.pixels);
    };
    this.sketch.update({ data: { shape: this.shape.slice(1), strokes: this.sketch.strokes, stale: false }, setStateValue });
  }

  close() {
    document.removeEventListener("paste", this.pasted);
  }
}
