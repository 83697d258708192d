// What a frame can show: each panel says when it applies and how it draws itself.

// Originals over reconstructions, `per` in a row.
function pairRows(frame, per, lines) {
  const rows = [];
  const n = Math.min(frame.x_hat.shape[0], frame.x.shape[0], per * lines);
  for (let start = 0; start < n; start += per) {
    const row = Array.from({ length: Math.min(per, n - start) }, (_, k) => start + k);
    if (rows.length) rows.push(null);
    rows.push(row.map((i) => [frame.x, i]), row.map((i) => [frame.x_hat, i]));
  }
  return rows;
}

function gridRows(images, columns, most) {
  const n = Math.min(images.shape[0], most);
  const rows = [];
  for (let i = 0; i < n; i += columns) {
    rows.push(Array.from({ length: Math.min(columns, n - i) }, (_, k) => [images, i + k]));
  }
  return rows;
}

const areImages = (array) => array?.shape.length === 4;
const arePoints = (array) => array?.shape.length === 2;

// The classes by name, or by number where nobody wrote the names down.
function classNames(view, frame) {
  if (view.classes.length) return view.classes;
  return Array.from({ length: Math.max(...frame.y.data) + 1 }, (_, k) => String(k));
}

// A code of one number is spread over its classes, so that it can be seen at all.
function plane(frame) {
  const { data, shape: [n, d] } = frame.codes;
  if (d > 1) return frame.codes;
  const out = new Float32Array(2 * n);
  for (let i = 0; i < n; i++) {
    out[2 * i] = data[i];
    out[2 * i + 1] = (frame.y?.data[i] ?? 0) + ((i * 0.618) % 1) * 0.6 - 0.3;
  }
  return { data: out, shape: [n, 2] };
}

const PANELS = [
  {
    name: "Reconstructions",
    wide: true,
    applies: (frame) => areImages(frame.x) && areImages(frame.x_hat),
    title: () => "Originals, and below each its reconstruction",
    draw: (view, canvas, frame, alone) => drawImages(canvas, pairRows(frame, 8, alone ? 2 : 1)),
  },
  {
    name: "Examples",
    applies: (frame) => frame.examples && areImages(frame.x),
    title: () => "Examples from the data",
    draw: (view, canvas, frame) => drawImages(canvas, gridRows(frame.x, 8, 32)),
  },
  {
    name: "Points",
    big: true,
    applies: (frame) => arePoints(frame.x) && frame.x.shape[1] >= 2,
    title: (frame) => {
      const what = frame.samples ? "Real and generated points" : frame.x_hat ? "Points and their reconstructions" : "The data";
      return frame.x.shape[1] > 2 ? `${what}, axes 1 and 2 of ${frame.x.shape[1]}` : what;
    },
    legend: (view, frame) => {
      if (frame.examples) return view.classes.map((name, i) => [name, view.colours.classes[i % 10]]);
      const second = frame.samples ? "generated" : frame.x_hat ? "reconstructed" : null;
      return [["real", view.colours.real], ...(second ? [[second, view.colours.generated]] : [])];
    },
    draw: (view, canvas, frame, alone) => {
      view.extents.points ??= extentOf(frame.x, 0.25);
      const byClass = frame.examples && frame.y && view.classes.length;
      const colour = byClass ? (i) => view.colours.classes[frame.y.data[i] % 10] : () => view.colours.real;
      const layers = [{ points: frame.x, colour, size: 2.2, alpha: frame.examples ? 0.85 : 0.55 }];
      const drawn = frame.samples ?? frame.x_hat;
      if (arePoints(drawn)) {
        layers.push({ points: drawn, colour: () => view.colours.generated, size: 2.4, alpha: 0.85 });
      }
      drawPoints(canvas, layers, view.extents.points, view.theme(), { ratio: alone ? 0.7 : 1 });
    },
  },
  {
    name: "Samples",
    applies: (frame) => areImages(frame.samples),
    title: () => "Samples: new images drawn by the model",
    draw: (view, canvas, frame, alone, wide) => drawImages(canvas, wide ? gridRows(frame.samples, 16, 32) : gridRows(frame.samples, 8, 64)),
  },
  {
    name: "Codes",
    big: true,
    pointed: true,
    applies: (frame) => arePoints(frame.codes),
    title: (frame) => {
      const [n, d] = frame.codes.shape;
      const many = n.toLocaleString("en");
      return d === 1 ? `The code of ${many} examples, by class` : d === 2 ? `The codes of ${many} examples` : `${many} codes: units 0 and 1 of ${d}`;
    },
    legend: (view, frame) => (frame.y ? classNames(view, frame).map((name, i) => [name, view.colours.classes[i % 10]]) : []),
    draw: (view, canvas, frame, alone) => {
      const points = plane(frame);
      view.extents.codes = steadyExtent(view.extents.codes, extentOfCodes(points, frame));
      const colour = frame.y ? (i) => view.colours.classes[frame.y.data[i] % 10] : () => view.colours.real;
      const several = frame.codes.shape[1] > 1;
      drawPoints(canvas, [{ points, colour, size: 2.6, alpha: 0.8 }], view.extents.codes, view.theme(), {
        ratio: alone ? 0.8 : view.single ? 0.5 : several ? 1 : 0.7,
        equal: several,
        under: (context, x, y) => {
          if (!several || !frame.log_var) return;
          drawPrior(context, x, y, view.theme());
          drawSigmas(context, frame, colour, x, y);
        },
        over: (context, x, y, box) => pointCodes(view, canvas, frame, { context, x, y, box }),
      });
    },
  },
];

// The latent cursor among the codes: a ring, or a line where the code is one number.
function pointCodes(view, canvas, frame, { context, x, y, box }) {
  const several = frame.codes.shape[1] > 1;
  const [across, up] = [box[1] - box[0], box[3] - box[2]];
  const [width, height] = [Math.abs(x(box[1]) - x(box[0])), Math.abs(y(box[3]) - y(box[2]))];
  canvas.reach = [across, up];
  canvas.placeOf = (px, py) => {
    const place = [box[0] + (px / width) * across, box[3] - (py / height) * up];
    return several ? place : place.slice(0, 1);
  };
  const { place } = view.clock;
  if (!place || (place.length > 1) !== several) return;
  if (several) return drawCursor(context, [x(place[0]), y(place[1])], view);
  context.strokeStyle = view.theme().accent;
  context.lineWidth = 2.5;
  context.beginPath();
  context.moveTo(x(place[0]), 0);
  context.lineTo(x(place[0]), height);
  context.stroke();
}
