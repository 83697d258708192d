// The panel of a vector field: where a model sends each place of the plane, as arrows and the paths that they make.

const LONGEST = 1.35; // cells that an arrow spans at most
const SHARE = 0.5; // of the way from a place to where it is sent
const PATH_STEPS = 70; // of a third of a cell each

// The grid's displacements as a function of a place: [dx, dy], bilinear between the four grid points around it.
function fieldOf({ grid, field }) {
  const side = Math.round(Math.sqrt(grid.shape[0]));
  const last = grid.data.length - 2;
  const [x0, y0, x1, y1] = [grid.data[0], grid.data[1], grid.data[last], grid.data[last + 1]];
  const cell = [(x1 - x0) / (side - 1), (y1 - y0) / (side - 1)];
  const moved = Float32Array.from(field.data, (v, i) => v - grid.data[i]);
  const at = (x, y) => {
    const [u, v] = [(x - x0) / cell[0], (y - y0) / cell[1]];
    if (!(u >= 0 && v >= 0 && u <= side - 1 && v <= side - 1)) return null;
    const [i, j] = [Math.min(side - 2, Math.floor(u)), Math.min(side - 2, Math.floor(v))];
    const [s, t] = [u - i, v - j];
    return [0, 1].map((k) => {
      const of = (column, row) => moved[2 * (row * side + column) + k];
      return (1 - t) * ((1 - s) * of(i, j) + s * of(i + 1, j)) + t * ((1 - s) * of(i, j + 1) + s * of(i + 1, j + 1));
    });
  };
  return { side, cell, moved, at, box: [x0, x1, y0, y1] };
}

// The path of a place that goes with the field, a third of a cell at a time, until it comes to rest or leaves.
function pathFrom(flow, start) {
  const cell = Math.min(...flow.cell);
  const length = cell / 3;
  const path = [start];
  let [x, y] = start;
  for (let i = 0; i < PATH_STEPS; i++) {
    const first = flow.at(x, y);
    const size = first && Math.hypot(...first);
    if (!size || size < 0.06 * cell) break;
    // The midpoint rule: the direction half a step ahead.
    const ahead = flow.at(x + (first[0] / size) * (length / 2), y + (first[1] / size) * (length / 2));
    const far = ahead && Math.hypot(...ahead);
    if (!far) break;
    // Where the field turns back within half a step, the place has arrived.
    if (ahead[0] * first[0] + ahead[1] * first[1] < 0) break;
    x += (ahead[0] / far) * Math.min(length, far);
    y += (ahead[1] / far) * Math.min(length, far);
    path.push([x, y]);
  }
  return path;
}

function drawPaths(context, flow, x, y) {
  const [x0, x1, y0, y1] = flow.box;
  const seeds = 11;
  context.beginPath();
  for (let i = 0; i < seeds * seeds; i++) {
    const [u, v] = [(i % seeds) + 0.5, Math.floor(i / seeds) + 0.5].map((place) => place / seeds);
    const path = pathFrom(flow, [x0 + u * (x1 - x0), y0 + v * (y1 - y0)]);
    path.forEach((place, k) => context[k ? "lineTo" : "moveTo"](x(place[0]), y(place[1])));
  }
  context.stroke();
}

function drawArrows(context, { grid }, flow, x, y) {
  const pixels = Math.abs(x(flow.cell[0]) - x(0));
  const stride = pixels < 13 ? 2 : 1;
  const longest = LONGEST * pixels * stride;
  context.beginPath();
  for (let row = 0; row < flow.side; row += stride) {
    for (let column = 0; column < flow.side; column += stride) {
      const i = 2 * (row * flow.side + column);
      const [fx, fy] = [x(grid.data[i]), y(grid.data[i + 1])];
      let [dx, dy] = [SHARE * (x(grid.data[i] + flow.moved[i]) - fx), SHARE * (y(grid.data[i + 1] + flow.moved[i + 1]) - fy)];
      const length = Math.hypot(dx, dy);
      if (!(length > 0.7)) continue;
      const fit = Math.min(1, longest / length);
      [dx, dy] = [dx * fit, dy * fit];
      const head = Math.min(5, Math.max(2.5, 0.4 * length * fit)) / (length * fit);
      context.moveTo(fx, fy);
      context.lineTo(fx + dx, fy + dy);
      for (const side of [-1, 1]) {
        context.moveTo(fx + dx, fy + dy);
        context.lineTo(fx + dx - head * (dx + side * 0.55 * dy), fy + dy - head * (dy - side * 0.55 * dx));
      }
    }
  }
  context.stroke();
}

PANELS.push({
  name: "Field",
  big: true,
  applies: (frame) => arePoints(frame.grid) && arePoints(frame.field) && frame.grid.shape[0] === frame.field.shape[0],
  title: () => "Where the model sends each place",
  legend: (view) => [["data", view.colours.real], ["towards the reconstruction", view.colours.generated]],
  draw: (view, canvas, frame, alone) => {
    const flow = fieldOf(frame);
    const area = surface(canvas, alone ? 0.7 : 1);
    if (!area) return;
    const { context } = area;
    const theme = view.theme();
    const { x, y } = drawAxes(area, square(flow.box, area.width, area.height), theme);
    context.fillStyle = view.colours.real;
    context.globalAlpha = 0.5;
    for (let i = 0; i < (frame.x?.data.length ?? 0); i += 2) {
      context.beginPath();
      context.arc(x(frame.x.data[i]), y(frame.x.data[i + 1]), 2.2, 0, 7);
      context.fill();
    }
    context.lineJoin = context.lineCap = "round";
    context.strokeStyle = theme.text;
    context.lineWidth = 1.2;
    context.globalAlpha = 0.28;
    drawPaths(context, flow, x, y);
    context.strokeStyle = view.colours.generated;
    context.lineWidth = 1.4;
    context.globalAlpha = 0.9;
    drawArrows(context, frame, flow, x, y);
    context.globalAlpha = 1;
  },
});
