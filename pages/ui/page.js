// What components of ours need of the page: elements, the theme's colours, answers of the server.

const part = (tag, className = "", properties = {}) => Object.assign(document.createElement(tag), { className, ...properties });
const html = (tag, className = "", textContent = "") => part(tag, className, { textContent });

const calm = matchMedia("(prefers-reduced-motion: reduce)"); // whoever asks for it sees things change, not move

const css = (element) => {
  const style = getComputedStyle(element);
  const read = (name, other) => style.getPropertyValue(name).trim() || other;
  const paper = read("--st-background-color", "#fff");
  return {
    dark: parseInt(paper.slice(1, 3), 16) < 128,
    text: read("--st-text-color", "#333"), border: read("--st-border-color", "#ddd"),
    paper, accent: read("--st-primary-color", "#3f90da"),
    font: read("--st-font", "sans-serif"),
  };
};

// The arrays and the rest of an answer of ours, null where there is none; what is no answer is thrown with the
// server's sentence.
async function fetched(address, body) {
  const answer = await fetch(address, body === undefined ? {} : { method: "POST", body });
  if (!answer.ok) throw new Error((answer.headers.get("content-type") ?? "").includes("text/plain") ? await answer.text() : "The server gave no answer.");
  return answer.status === 204 ? null : unpack(await answer.arrayBuffer());
}

// A query from what is not empty.
function query(values) {
  const given = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && String(value) !== "");
  return given.length ? `?${given.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")}` : "";
}

// Hand a drawn OffscreenCanvas to the visitor as a PNG file called after `title`.
async function savePng(sheet, title) {
  const address = URL.createObjectURL(await sheet.convertToBlob({ type: "image/png" }));
  part("a", "", { href: address, download: `${title.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.png` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
