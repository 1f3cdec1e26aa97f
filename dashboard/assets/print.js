/* Paper: light, as wide as the sheet, and tables whole. A table on the screen scrolls inside; before printing it gets the height of all its rows (a list
   that the server pages keeps the rows it holds), and afterwards it is as it was. Tables need a moment for that, which a browser that prints by
   itself does not give: so its key is ours, and from its menu the table prints as it stands on the screen. */
(function () {
  "use strict";
  const root = document.documentElement;
  const SHEET = 1016; // an A4 sheet on its side within its margins, in pixels; 60-print.css says the same
  let before = null;

  function tables() {
    return Array.from(document.querySelectorAll(".table-grid")).flatMap(function (table) {
      const api = window.dash_ag_grid && table.id && window.dash_ag_grid.getApi(table.id);
      return api && api.getGridOption("rowModelType") !== "infinite" ? [[table, api]] : [];
    });
  }

  function prepare(patient) {
    if (before) return;
    before = { theme: root.dataset.theme, tables: (patient ? tables() : []).map(function (pair) { return [pair[0], pair[1], pair[0].style.height, pair[1].getColumnState()]; }) };
    // Without patience the page stays as wide as it stands on the screen, and the browser makes it as much smaller as the sheet is narrower.
    const page = document.querySelector(".page");
    if (!patient && page) root.style.setProperty("--printed", page.clientWidth + "px");
    root.dataset.theme = "light";
    root.dataset.printing = "";
    window.saleslens.repaint();
    before.tables.forEach(function (kept) {
      kept[0].style.height = "auto";
      kept[1].setGridOption("domLayout", "print");
      kept[1].sizeColumnsToFit(SHEET);
    });
  }

  function restore() {
    if (!before) return;
    delete root.dataset.printing;
    root.style.removeProperty("--printed");
    if (before.theme) root.dataset.theme = before.theme; else delete root.dataset.theme;
    before.tables.forEach(function (kept) {
      kept[0].style.height = kept[2];
      kept[1].setGridOption("domLayout", "normal");
      kept[1].applyColumnState({ state: kept[3] });
    });
    before = null;
    window.saleslens.repaint();
  }

  window.addEventListener("beforeprint", function () { prepare(false); });
  window.addEventListener("afterprint", restore);
  window.saleslens = window.saleslens || {};
  window.saleslens.print = function () {
    prepare(true);
    setTimeout(function () { window.print(); }, 500);
  };
  document.addEventListener("keydown", function (event) {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "p") {
      event.preventDefault();
      window.saleslens.print();
    }
  });
})();
