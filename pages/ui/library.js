// The chart library, loaded once for the page by whoever asks first.
const loadPlotly = (address) =>
  (window.latentPlotly ??= new Promise((done, failed) => {
    const script = Object.assign(document.createElement("script"), { src: address });
    script.onload = () => done(window.Plotly);
    script.onerror = () => {
      delete window.latentPlotly;
      failed(new Error("The chart library did not load."));
    };
    document.head.append(script);
  }));
