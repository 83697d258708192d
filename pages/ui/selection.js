// Which examples are selected: positions in one data set, shared by every map and latent square on the page, by
// the pages that follow in this tab, and by other tabs.

const SELECTED = "latent-selection"; // names the channel between tabs, and begins each key of the tab's storage

class Selection {
  // The selection that everybody shares who shows the same rows: `identity` names data set and options.
  static named(identity) {
    const all = (window.latentSelections ??= new Map());
    if (!all.has(identity)) all.set(identity, new Selection(identity));
    return all.get(identity);
  }

  constructor(identity) {
    this.identity = identity;
    this.positions = new Int32Array();
    this.listeners = new Set();
    try {
      this.positions = Int32Array.from(JSON.parse(sessionStorage.getItem(this.key) ?? "[]"));
    } catch { /* what is no list of numbers is no selection */ }
    this.channel = new BroadcastChannel(SELECTED);
    this.channel.onmessage = ({ data }) => this.hear(data);
    // A new tab shows what the others have selected.
    if (!this.positions.length) this.channel.postMessage({ identity, ask: true });
  }

  get key() {
    return `${SELECTED}:${this.identity}`;
  }

  hear({ identity, ask, positions }) {
    if (identity !== this.identity) return;
    if (!ask) this.keep(positions, null);
    else if (this.positions.length) this.channel.postMessage({ identity, positions: this.positions });
  }

  // `f(positions, from)` is called with every change, also with those from other tabs, and at once where something is
  // selected already; returns how to leave.
  watch(f) {
    this.listeners.add(f);
    if (this.positions.length) f(this.positions, null);
    return () => this.listeners.delete(f);
  }

  // `from` is whoever selects: it hears of it too, and can tell its own selection by it.
  set(positions, from = null) {
    const sorted = Int32Array.from(new Set(positions)).sort();
    this.keep(sorted, from);
    this.channel.postMessage({ identity: this.identity, positions: sorted });
  }

  keep(positions, from) {
    this.positions = positions;
    try {
      if (positions.length) sessionStorage.setItem(this.key, JSON.stringify([...positions]));
      else sessionStorage.removeItem(this.key);
    } catch { /* storage is full or forbidden: the page itself still knows */ }
    for (const f of this.listeners) f(positions, from);
  }
}
