/* The grid of sales targets: cells are typed or pasted as a block, sums follow at once, changed cells are gathered for saving. */
(function () {
  "use strict";
  const MONTHS = Array.from({ length: 12 }, (_, place) => "m" + place);
  const functions = window.dashAgGridFunctions = window.dashAgGridFunctions || {};
  let api = null;

  function parsed(text) {
    const plain = String(text === null || text === undefined ? "" : text).normalize("NFKC").replace(/[,\s¥￥元]/g, "");
    if (!plain) return null;
    const factor = { "万": 1e4, "亿": 1e8 }[plain.slice(-1)];
    const number = Number(factor ? plain.slice(0, -1) : plain) * (factor || 1);
    return Number.isFinite(number) && number >= 0 ? Math.round(number * 100) / 100 : undefined;
  }

  function text(value) { return value === null || value === undefined ? "" : String(value); }
  function number(value) { return typeof value === "number" ? value : 0; }

  functions.targetEditable = (params) => Boolean(params.data && params.data.may);
  functions.targetClass = function (params) {
    const data = params.data || {};
    const changed = data.was && params.colDef.field && data.was[params.colDef.field] !== undefined;
    return ["target-" + data.unit, data.may ? "may" : "", changed ? "changed" : "", params.colDef.field === "name" ? "" : "number"].filter(Boolean);
  };
  functions.targetParsed = function (params) {
    const value = parsed(params.newValue);
    return value === undefined ? params.oldValue : value;
  };
  functions.targetWritten = (params) => typeof params.value === "number" ? params.value.toLocaleString("en-US", { maximumFractionDigits: 2 }) : "";
  functions.targetYear = (params) => MONTHS.reduce((sum, month) => sum + number(params.data && params.data[month]), 0);

  function nodes() {
    const found = [];
    api.forEachNode((node) => found.push(node));
    return found;
  }

  /* What the parts of a row sum to. */
  function summed(month) {
    const all = nodes();
    all.filter((node) => node.data.unit === "sum").forEach(function (node) {
      node.data[month] = all.reduce((sum, one) => sum + (one.data.part === node.data.of ? number(one.data[month]) : 0), 0);
    });
    api.refreshCells({ force: true });
  }

  function tell() {
    const place = document.getElementById("targets-changed");
    const count = nodes().reduce((sum, node) => sum + Object.keys(node.data.was || {}).length, 0);
    if (place) place.textContent = count ? place.dataset.words.replace("{count}", count) : "";
  }

  functions.targetsChanged = function (params) {
    api = params.api;
    const month = params.colDef.field, data = params.data;
    if (!data || !data.may || params.oldValue === params.newValue) return null;
    data.was = data.was || {};
    if (data.was[month] === undefined) data.was[month] = params.oldValue === undefined ? null : params.oldValue;
    if (data.was[month] === data[month]) delete data.was[month];
    summed(month);
    tell();
    return null;
  };

  /* A block of a spreadsheet goes into the cells right and below of the one that has the focus; those that can't be set stay. */
  document.addEventListener("paste", function (event) {
    const table = event.target.closest && event.target.closest("#targets-table");
    if (!table || event.target.closest("input")) return;
    window.dash_ag_grid.getApiAsync("targets-table").then(function (found) {
      api = found;
      const focused = api.getFocusedCell();
      const text = event.clipboardData.getData("text/plain");
      if (!focused || !text) return;
      const first = MONTHS.indexOf(focused.column.getColId());
      if (first < 0) return;
      text.replace(/\r?\n$/, "").split(/\r?\n/).forEach(function (line, down) {
        const node = api.getDisplayedRowAtIndex(focused.rowIndex + down);
        if (!node || !node.data.may) return;
        line.split("\t").forEach(function (cell, right) {
          const value = parsed(cell), month = MONTHS[first + right];
          if (month && value !== undefined) node.setDataValue(month, value);
        });
      });
    });
    event.preventDefault();
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.targets = {
    gather: function (clicks, rows, seen) {
      if (!clicks || !api) return window.dash_clientside.no_update;
      api.stopEditing();
      const heads = api.getColumnDefs();
      const cells = [];
      nodes().forEach(function (node) {
        Object.keys(node.data.was || {}).forEach(function (month) {
          const head = heads.find((column) => column.field === month).headerName;
          const value = node.data[month];
          const told = (seen || {})[node.data.key + "/" + head + "-01"];  // what somebody else set, and this person was told
          cells.push({ row: node.data.key, month: head + "-01", amount: text(value), was: told === undefined ? text(node.data.was[month]) : told });
        });
      });
      return cells;
    },
  };
})();
