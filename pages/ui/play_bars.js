// How many samples lie at each mode, as bars; what the true data would give is a line.

const BARS = { left: 34, right: 6, top: 10, foot: 34 };
const BARS_HEIGHT = { large: 160, least: 118, small: 96 };
const BARS_SHARE = 0.33; // of the picture's height, so that bars and networks end with it
const LEADS = 0.3; // of all samples: the least at the mode that is called the present one

class PlayBars {
  constructor(view) {
    this.view = view;
    this.root = html("figure", "bars");
    this.caption = html("figcaption");
    this.canvas = html("canvas");
    this.canvas.role = "img";
    this.root.append(this.caption, this.canvas);
    this.now = null;
    this.begin = 0;
  }

  // Of a frame the shares of samples at each mode: within three deviations of it, and nearest to it.
  show({ modes, samples }, centres, milliseconds) {
    this.root.hidden = !modes;
    if (!modes) return;
    const [n, total] = [modes.data.length, samples.shape[0]];
    this.total = total;
    const nearest = centres?.length === n ? nearestCounts(samples, centres) : modes.data;
    this.goal = Float32Array.from([...modes.data, ...nearest], (count) => count / total);
    if (this.now?.length !== this.goal.length) this.now = this.goal.slice();
    this.from = this.now.slice();
    [this.begin, this.lasts, this.moving] = [performance.now(), calm.matches ? 1 : milliseconds, true];
    const covered = modes.data.filter((count) => count > 0).length;
    const good = Math.round(100 * this.goal.subarray(0, n).reduce((sum, share) => sum + share, 0));
    const title = this.view.small ? `${covered} of ${n} modes · ${good} % within 3 σ` : `${covered} of ${n} modes covered · ${good} % of ${total} samples within 3 σ`;
    if (this.caption.textContent !== title) this.caption.textContent = title;
    this.canvas.ariaLabel = `Samples at each mode: ${title}`;
  }

  // Number (from 0) of the mode to which most samples are nearest, null where they are spread.
  get leader() {
    if (!this.goal) return null;
    const nearest = this.goal.subarray(this.goal.length / 2);
    const most = Math.max(...nearest);
    return most >= Math.max(LEADS, 2 / nearest.length) ? nearest.indexOf(most) : null;
  }

  draw(moment, force) {
    if (!this.goal || this.root.hidden || !(this.moving || force)) return false;
    const share = Math.min(1, (moment - this.begin) / this.lasts);
    for (let k = 0; k < this.now.length; k++) this.now[k] = this.from[k] + share * (this.goal[k] - this.from[k]);
    this.moving = share < 1;
    const { view } = this;
    const { large, least, small } = BARS_HEIGHT;
    const wanted = view.small ? small : Math.min(large, Math.max(least, BARS_SHARE * view.canvas.canvas.clientHeight));
    const area = surface(this.canvas, wanted / (this.canvas.clientWidth || 1));
    if (area) this.drawAll(area, view);
    return this.moving;
  }

  drawAll({ context, width, height }, { theme, colours, small }) {
    const n = this.now.length / 2;
    const foot = height - (small ? 8 : BARS.foot);
    const left = small ? 6 : BARS.left;
    const [span, tall] = [(width - left - BARS.right) / n, foot - BARS.top];
    const fair = 1 / n;
    const most = Math.min(1, Math.max(2.2 * fair, ...this.now, ...this.goal));
    const y = (value) => foot - (value / most) * tall;
    context.font = `12px ${theme.font}`;
    if (!small) this.axes(context, { left, width, foot, most, y, span, n }, theme);
    for (let k = 0; k < n; k++) {
      const x = left + (k + 0.12) * span;
      const bar = (share, alpha) => {
        context.globalAlpha = alpha;
        context.fillRect(x, y(share), span * 0.76, foot - y(share));
      };
      context.fillStyle = colours.generated;
      bar(this.now[n + k], 0.3);
      bar(this.now[k], 1);
      context.globalAlpha = 1;
      if (this.goal[k]) continue;
      context.fillStyle = colours.alarm; // no sample is good enough to cover it
      context.fillRect(x, foot - 3, span * 0.76, 3);
    }
    context.strokeStyle = colours.real;
    context.lineWidth = 2;
    context.setLineDash([5, 4]);
    context.beginPath();
    context.moveTo(left, y(fair));
    context.lineTo(width - BARS.right, y(fair));
    context.stroke();
    context.setLineDash([]);
  }

  axes(context, { left, width, foot, most, y, span, n }, theme) {
    context.strokeStyle = theme.border;
    context.fillStyle = theme.text;
    context.lineWidth = 1;
    context.textAlign = "right";
    for (const count of ticks(0, this.total * most, 3)) {
      context.beginPath();
      context.moveTo(left, y(count / this.total));
      context.lineTo(width - BARS.right, y(count / this.total));
      context.stroke();
      context.globalAlpha = 0.8;
      context.fillText(String(count), left - 5, y(count / this.total) + 4);
      context.globalAlpha = 1;
    }
    context.globalAlpha = 0.8;
    context.textAlign = "center";
    const every = Math.ceil(18 / span);
    for (let k = 0; k < n; k += every) context.fillText(String(k + 1), left + (k + 0.5) * span, foot + 14);
    const full = "mode (solid: within 3 σ; pale: nearest; dashed: true data)";
    context.fillText(context.measureText(full).width < n * span ? full : "mode", left + (n * span) / 2, foot + 29);
    context.globalAlpha = 1;
  }
}
