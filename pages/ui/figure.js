// A plotly figure that is updated in place. Streamlit's own chart element is made anew with every change of its data,
// which flickers and forgets the zoom when a curve grows twice a second.

// The figure in the colours of the page's theme, light or dark.
function themed(layout, element) {
  const style = getComputedStyle(element);
  const get = (name, other) => style.getPropertyValue(`--st-${name}`).trim() || other;
  const [text, border, paper] = [get("text-color", "#222"), get("border-color", "#ddd"), get("background-color", "#fff")];
  const axis = (own = {}) => ({
    gridcolor: border,
    zerolinecolor: border,
    linecolor: border,
    ...own,
    title: { font: { size: 14 }, standoff: 8, ...own.title },
  });
  return {
    ...layout,
    template: {},
    autosize: true,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: get("font", "sans-serif"), size: 14, color: text },
    hoverlabel: { bgcolor: paper, bordercolor: border, font: { color: text } },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: border, activecolor: text },
    xaxis: axis(layout.xaxis),
    yaxis: axis(layout.yaxis),
  };
}

async function draw(holder) {
  if (holder.busy) { holder.again = true; return; }
  holder.busy = true;
  try {
    const Plotly = await loadPlotly(holder.spec.library).catch(() => null);
    if (!holder.layout) holder.textContent = Plotly ? "" : "The chart cannot be drawn: reload the page to try again.";
    if (!Plotly) return;
    do {
      holder.again = false;
      // A zoom that is being drawn with the mouse is not to be torn away.
      if (holder._dragging || !holder.isConnected) break;
      const { data, layout } = JSON.parse(holder.spec.figure);
      await Plotly.react(holder, data, themed(layout, holder), holder.spec.config);
    } while (holder.again);
  } finally {
    holder.busy = false;
  }
}

export default function ({ data, parentElement: parent }) {
  let holder = parent.querySelector(".figure");
  if (!holder) {
    holder = document.createElement("div");
    holder.className = "figure";
    parent.append(holder);
    new ResizeObserver(() => holder.layout && draw(holder)).observe(parent);
  }
  holder.style.height = `${data.height}px`;
  holder.role = "img";
  holder.ariaLabel = data.alt;
  holder.spec = data;
  draw(holder);
}
