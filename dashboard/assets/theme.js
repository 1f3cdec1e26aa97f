/* The theme, and the colours of pictures.
   A figure comes from the server with the names of its colours ("var(--won)"); here they get the values of the theme at hand, when
   it is drawn and again when the theme changes. So a cached figure serves both themes. Plotly comes as its basic bundle, and only
   when a page has a picture. */
(function () {
  "use strict";
  const root = document.documentElement;
  const KEPT = "saleslens-theme";
  const here = document.currentScript ? document.currentScript.src.replace(/[^/]*$/, "") : "/assets/";

  function chosen() { return root.dataset.theme; }
  function dark() { return chosen() ? chosen() === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches; }

  try {
    const kept = window.localStorage.getItem(KEPT);
    if (kept === "dark" || kept === "light") root.dataset.theme = kept;
  } catch (refused) { /* a browser that keeps nothing follows the system */ }

  window.saleslens = window.saleslens || {};
  window.saleslens.toggleTheme = function () {
    root.dataset.theme = dark() ? "light" : "dark";
    try { window.localStorage.setItem(KEPT, root.dataset.theme); } catch (refused) { /* lasts as long as the page */ }
    repaint();
  };

  /* Dash asks this address for Plotly when the first picture is on a page. */
  Object.defineProperty(window, "_dashPlotlyJSURL", {
    get: function () { return here + "vendor/plotly-basic-4.1.1.min.js"; },
    set: function () {},
  });

  const NAMED = /var\((--[a-z0-9-]+)\)/g;
  function painted(value, style) {
    if (typeof value === "string") {
      return value.indexOf("var(--") < 0 ? value : value.replace(NAMED, function (_all, name) { return style.getPropertyValue(name).trim(); });
    }
    if (Array.isArray(value)) return value.map(function (part) { return painted(part, style); });
    if (value && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
      return Object.fromEntries(Object.entries(value).map(function (pair) { return [pair[0], painted(pair[1], style)]; }));
    }
    return value;
  }

  /* What each graph was asked to show, with the names still in it. */
  const asked = new WeakMap();
  function wrapped(Plotly) {
    ["react", "newPlot"].forEach(function (verb) {
      const draw = Plotly[verb];
      Plotly[verb] = function (element, data, layout, config) {
        const figure = data && data.data ? data : { data: data || [], layout: layout || {}, config: config || {} };
        const graph = typeof element === "string" ? document.getElementById(element) : element;
        asked.set(graph, figure);
        return draw.call(Plotly, graph, painted(figure, getComputedStyle(root)));
      };
    });
    return Plotly;
  }
  let plotly;
  Object.defineProperty(window, "Plotly", {
    configurable: true,
    get: function () { return plotly; },
    set: function (loaded) { plotly = loaded && loaded.react ? wrapped(loaded) : loaded; },
  });

  function repaint() {
    if (!plotly) return;
    document.querySelectorAll(".js-plotly-plot").forEach(function (graph) {
      if (asked.has(graph)) plotly.react(graph, asked.get(graph));
    });
  }
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);

  window.saleslens.repaint = repaint;

  /* A picture as a file: with its title and what is set, on the theme's own ground. */
  window.saleslens.savePicture = function (id, name) {
    const graph = document.querySelector("#" + CSS.escape(id) + " .js-plotly-plot");
    if (!graph || !plotly) return;
    const style = getComputedStyle(root);
    const about = document.querySelector(".chips .fixed");
    const title = (name + (about ? " · " + about.textContent : "")).replace(/&/g, "&amp;").replace(/</g, "&lt;");
    const legend = graph.layout.title && graph.layout.title.text;
    const margin = graph.layout.margin || {};
    const layout = Object.assign({}, graph.layout, {
      paper_bgcolor: style.getPropertyValue("--ground").trim(),
      title: {
        text: "<span style='font-size:15px;color:" + style.getPropertyValue("--ink").trim() + "'>" + title + "</span>" + (legend ? "<br>" + legend : ""),
        x: 0, xref: "container", xanchor: "left", y: 1, yref: "container", yanchor: "top", pad: { t: 28, l: 24 },
        font: { size: 12, color: style.getPropertyValue("--ink-2").trim() },
      },
      margin: Object.assign({}, margin, { t: (margin.t || 0) + 48, l: Math.max(margin.l || 0, 24), r: Math.max(margin.r || 0, 24), b: (margin.b || 0) + 12 }),
    });
    plotly.downloadImage({ data: graph.data, layout: layout }, { format: "png", scale: 2, width: graph.clientWidth + 32, height: graph.clientHeight + 60, filename: name });
  };
})();
