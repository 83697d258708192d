// What one sees of one or several pictures of the playground as a PNG file: their names, the points, the bars.

const SHEET = { gap: 18, line: 30, note: 24 };

// A button that saves what `views` then are: [{ name, view }, …].
function pictureButton(views) {
  const button = html("button", "small", "Picture");
  button.title = "Save what is seen as a PNG file";
  button.onclick = () => {
    const seen = views().filter(({ view }) => view?.last);
    if (seen.length) savePng(sheetOf(seen), `${seen[0].name} step ${seen[0].view.last.step ?? 0}`);
  };
  return button;
}

// The pictures beside each other, each with its name and step above and its bars below, in device pixels.
function sheetOf(seen) {
  const columns = seen.map(({ name, view }) => ({ name, view, scene: view.canvas.canvas, bars: view.bars.root.hidden ? null : view.bars }));
  const { theme } = columns[0].view;
  const scale = columns[0].scene.width / columns[0].scene.clientWidth;
  const [gap, line, note] = [SHEET.gap, SHEET.line, SHEET.note].map((length) => length * scale);
  const wide = columns.map(({ scene, bars }) => Math.max(scene.width, bars?.canvas.width ?? 0));
  const tall = columns.map(({ scene, bars }) => line + scene.height + (bars ? note + bars.canvas.height : 0));
  const sheet = new OffscreenCanvas(wide.reduce((sum, one) => sum + one + gap, gap), Math.max(...tall) + 2 * gap);
  const context = sheet.getContext("2d");
  context.fillStyle = theme.paper;
  context.fillRect(0, 0, sheet.width, sheet.height);
  context.fillStyle = theme.text;
  let x = gap;
  columns.forEach(({ name, view, scene, bars }, k) => {
    context.font = `600 ${14 * scale}px ${theme.font}`;
    context.fillText(`${name} · step ${(view.last.step ?? 0).toLocaleString("en")}`, x, gap + 0.6 * line, wide[k]);
    context.drawImage(scene, x, gap + line);
    if (bars) {
      const y = gap + line + scene.height;
      context.font = `${13 * scale}px ${theme.font}`;
      context.fillText(bars.caption.textContent, x, y + 0.75 * note, wide[k]);
      context.drawImage(bars.canvas, x, y + note);
    }
    x += wide[k] + gap;
  });
  return sheet;
}
