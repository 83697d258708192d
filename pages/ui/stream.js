// One stream for all pictures of a page: browsers allow six connections to a server, tabs share them.

const hub = {
  watchers: new Map(), // run -> Set of functions
  source: null,
  open: "",
  timer: 0,
  retry: 1000,

  watch(run, tell) {
    if (!this.watchers.has(run)) this.watchers.set(run, new Set());
    this.watchers.get(run).add(tell);
    this.soon(30, true);
    return () => {
      const set = this.watchers.get(run);
      set?.delete(tell);
      if (set && !set.size) this.watchers.delete(run);
      this.soon(500, false);
    };
  },

  soon(delay, again) {
    if (again) this.open = "";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), delay);
  },

  close() {
    this.source?.close();
    this.source = null;
    this.open = "";
  },

  connect() {
    const runs = [...this.watchers.keys()].sort().join(",");
    if (runs === this.open) return;
    this.close();
    // Nobody looks at a hidden tab: it leaves its connection to others and spares the run the drawing.
    if (!runs || document.hidden) return;
    this.open = runs;
    const source = (this.source = new EventSource(`/api/stream/${runs}`));
    source.onmessage = (event) => {
      this.retry = 1000;
      const news = JSON.parse(event.data);
      this.watchers.get(news.run)?.forEach((tell) => tell(news));
    };
    source.addEventListener("end", () => source.close());
    source.onerror = () => {
      if (source !== this.source) return;
      this.close();
      this.soon(this.retry, true);
      this.retry = Math.min(this.retry * 2, 30000);
    };
  },
};
document.addEventListener("visibilitychange", () => hub.soon(50, !document.hidden));
