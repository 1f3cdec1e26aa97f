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

  /* What the theme's names stand for, read once: to ask the browser in the middle of drawing makes it style the whole page first. */
  let colours = {};
  function colour(name) {
    if (!colours[name]) colours[name] = getComputedStyle(root).getPropertyValue(name).trim();
    return colours[name];
  }

  const NAMED = /var\((--[a-z0-9-]+)\)/g;
  function painted(value) {
    if (typeof value === "string") {
      return value.indexOf("var(--") < 0 ? value : value.replace(NAMED, function (_all, name) { return colour(name); });
    }
    if (Array.isArray(value)) return value.map(function (part) { return painted(part); });
    if (value && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
      return Object.fromEntries(Object.entries(value).map(function (pair) { return [pair[0], painted(pair[1])]; }));
    }
    return value;
  }

  /* The words above a picture that name what is drawn stand in one line where it is wide enough, else in several, and it begins lower. */
  const BETWEEN = "&nbsp;&nbsp;&nbsp; ", LINE = 17;
  let pen = null;
  function wide(entry) {
    if (!pen) {
      pen = document.createElement("canvas").getContext("2d");
      pen.font = "12px " + getComputedStyle(document.body).fontFamily;
    }
    return pen.measureText(entry.replace(/<[^>]*>/g, "").replace(/&\w+;/g, " ")).width + 16;
  }
  function fitted(figure, width) {
    const title = figure.layout && figure.layout.title;
    if (!title || !title.text || !width) return figure;
    let room = 0;
    const lines = title.text.split(BETWEEN).reduce(function (made, entry) {
      room -= wide(entry);
      if (made.length && room >= 0) made[made.length - 1].push(entry);
      else { made.push([entry]); room = width - wide(entry); }
      return made;
    }, []);
    if (lines.length === 1) return figure;
    // Plotly lets a title of several lines grow to both sides of its place: the half above needs its room.
    const more = LINE * (lines.length - 1), margin = Object.assign({}, figure.layout.margin);
    margin.t += more;
    const pad = Object.assign({}, title.pad, { t: title.pad.t + more / 2 });
    const named = Object.assign({}, title, { text: lines.map(function (line) { return line.join(BETWEEN); }).join("<br>"), pad: pad });
    return Object.assign({}, figure, { layout: Object.assign({}, figure.layout, { title: named, margin: margin }) });
  }

  /* Of names below an axis that would touch each other every second, third or fourth stays; a year that stood under one that goes moves on. */
  const APART = 8, STEPS = [1, 2, 3, 4, 6, 12];
  function thinned(figure, width) {
    const layout = figure.layout || {}, axis = layout.xaxis;
    if (layout.meta !== "thinned" || !width || !axis || axis.tickvals.length < 2) return figure;
    const room = (width - layout.margin.l - layout.margin.r) / (axis.range[1] - axis.range[0]) * (axis.tickvals[1] - axis.tickvals[0]);
    const widest = Math.max.apply(null, axis.ticktext.map(function (name) { return Math.max.apply(null, name.split("<br>").map(wide)) - 16; }));
    const step = STEPS.find(function (each) { return each * room >= widest + APART; }) || STEPS[STEPS.length - 1];
    let year = "";
    const names = axis.ticktext.map(function (name, at) {
      const parts = name.split("<br>");
      year = parts[1] || year;
      if (at % step) return "";
      const shown = year ? parts[0] + "<br>" + year : parts[0];
      year = "";
      return shown;
    });
    return Object.assign({}, figure, { layout: Object.assign({}, layout, { xaxis: Object.assign({}, axis, { ticktext: names }) }) });
  }

  /* What each graph was asked to show, with the names still in it; and how many are being drawn. */
  const asked = new WeakMap();
  let drawing = 0;
  function wrapped(Plotly) {
    ["react", "newPlot"].forEach(function (verb) {
      const draw = Plotly[verb];
      Plotly[verb] = function (element, data, layout, config) {
        const figure = data && data.data ? data : { data: data || [], layout: layout || {}, config: config || {} };
        const graph = typeof element === "string" ? document.getElementById(element) : element;
        asked.set(graph, figure);
        drawing += 1;
        const drawn = draw.call(Plotly, graph, painted(thinned(fitted(figure, graph.clientWidth), graph.clientWidth)));
        const done = function () { drawing -= 1; };
        drawn.then(done, done);
        return drawn;
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
    colours = {};
    if (!plotly) return;
    document.querySelectorAll(".js-plotly-plot").forEach(function (graph) {
      if (asked.has(graph)) plotly.react(graph, asked.get(graph));
    });
  }
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);

  window.saleslens.repaint = repaint;

  /* Act when the pictures stand and the browser has nothing else to do; returns what gives it up. What can wait a moment waits for that. */
  const NO_LONGER = 2000;
  function pending() {
    return drawing > 0 || Array.from(document.querySelectorAll(".graph .dash-graph")).some(function (place) {
      const figure = asked.get(place.querySelector(".js-plotly-plot"));
      return !figure || !(figure.data.length || ((figure.layout || {}).annotations || []).length);
    });
  }
  window.saleslens.afterPictures = function (act) {
    const began = performance.now(), idly = window.requestIdleCallback || function (then) { return setTimeout(then, 50); };
    let waiting = null;
    (function wait() {
      waiting = idly(function () {
        if (pending() && performance.now() - began < NO_LONGER) wait(); else act();
      }, { timeout: NO_LONGER });
    })();
    return function () { (window.cancelIdleCallback || clearTimeout)(waiting); };
  };

  /* A picture as a file: under its title, what is set and from when the data are, on the theme's own ground. Of a report it stands in the
     audit log first; where it can't, nothing leaves. */
  const INK = { title: "--ink", about: "--ink-3" };

  function told() {
    // The window that is compared stands beside the period with its days: the chip that takes it away would say it once more.
    const chips = Array.from(document.querySelectorAll(".chips .chip:not([id*='\"name\":\"compare\"'])")).flatMap(function (chip) { return chip.textContent.split(/,\s|，/); });
    const drawn = document.querySelector(".page-subtitle .drawn");
    const late = document.querySelector(".page-subtitle .behind");
    return chips.concat(drawn ? [drawn.dataset.kept || drawn.textContent, late && late.textContent] : []).filter(Boolean);
  }

  /* Words as lines of at most `width` pixels; Plotly breaks none by itself. */
  function lines(words, size, width) {
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = size + "px " + getComputedStyle(document.body).fontFamily;
    return words.reduce(function (made, word) {
      const joined = made.length ? made[made.length - 1] + " · " + word : word;
      if (made.length && pen.measureText(joined).width <= width) made[made.length - 1] = joined; else made.push(word);
      return made;
    }, []);
  }

  function spanned(text, size, colour) {
    const safe = text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
    return "<span style='font-size:" + size + "px;color:" + colour + "'>" + safe + "</span>";
  }

  function draw(graph, name) {
    const style = getComputedStyle(root), width = graph.clientWidth + 32;
    const ink = function (what) { return style.getPropertyValue(INK[what]).trim(); };
    const heading = document.querySelector(".page h1");
    const first = lines([heading ? heading.textContent : "", name].filter(Boolean), 15, width - 48);
    const about = lines(told(), 12, width - 48);
    const legend = graph.layout.title && graph.layout.title.text;
    const head = first.map(function (line) { return spanned(line, 15, ink("title")); })
      .concat(about.map(function (line) { return spanned(line, 12, ink("about")); }), legend ? ["", legend] : []);
    const above = first.length * 20 + about.length * 17 + (legend ? 34 : 0);
    const margin = graph.layout.margin || {}, grown = 24 + above - (legend ? 20 : 0);
    const layout = Object.assign({}, graph.layout, {
      paper_bgcolor: style.getPropertyValue("--ground").trim(),
      height: undefined,
      title: {
        text: head.join("<br>"),
        x: 0, xref: "container", xanchor: "left", y: 1, yref: "container", yanchor: "top", pad: { t: 28, l: 24 },
        font: { size: 12, color: style.getPropertyValue("--ink-2").trim() },
      },
      margin: Object.assign({}, margin, { t: (margin.t || 0) + grown, l: Math.max(margin.l || 0, 24), r: Math.max(margin.r || 0, 24), b: (margin.b || 0) + 12 }),
    });
    const days = (told()[0] || "").match(/\d{4}-\d{2}-\d{2}/g) || [];
    const called = [heading ? heading.textContent : "", name].concat(days.slice(0, 2)).filter(Boolean).join("_").replace(/[\\/:*?"<>|]/g, " ");
    plotly.downloadImage({ data: graph.data, layout: layout },
      { format: "png", scale: 2, width: width, height: graph.clientHeight + grown + 12, filename: called });
  }

  window.saleslens.savePicture = function (id, name) {
    const graph = document.querySelector("#" + CSS.escape(id) + " .js-plotly-plot");
    if (!graph || !plotly) return;
    const report = /^(\w+)-figure-(\w+)$/.exec(id), cookie = /(?:^|; )_csrf_token=([^;]*)/.exec(document.cookie);
    if (!report || !cookie) return;
    fetch("/reports/" + report[1] + "/pictures/" + report[2] + window.location.search, {
      method: "POST", headers: { "X-CSRFToken": decodeURIComponent(cookie[1]) },
    }).then(function (answer) { if (answer.ok) draw(graph, name); });
  };
})();
