/* What the tables call by name: how a figure is written, drawn and clicked, how rows fold, and the grid's look.
   Registered functions only: the grid evaluates no text that came from the server's data. */
(function () {
  "use strict";
  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  const NOTHING = "–";
  /* The same digits as in files and on paper (i18n.tabled). */
  const WRITERS = {
    money: new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
    count: new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 }),
    rate: new Intl.NumberFormat("en-US", { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    days: new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 }),
    move: { format: function (places) { return (places > 0 ? "+" : places < 0 ? "−" : "") + Math.abs(places); } },
  };

  /* A figure in full, with fixed decimals, so that a column can be read down. */
  functions.written = function (value, unit) {
    if (value === null || value === undefined || value === "") return NOTHING;
    if (typeof value === "string") return value; // "<3" where the reach is aggregate
    return WRITERS[unit].format(value);
  };

  /* A column that has no total is empty in the last row; a figure that there is not is a dash. */
  function untold(cell) { return cell.node && cell.node.rowPinned && cell.value === undefined; }
  functions.listed = function (params, unit) {
    return !params.data || untold(params) ? "" : functions.written(params.value, unit);
  };

  let theme = null;
  functions.saleslensTheme = function (agGrid) {
    theme = theme || agGrid.themeQuartz.withParams({
      fontFamily: "inherit", fontSize: 13, headerFontSize: 12, headerFontWeight: 500, spacing: 6, cellHorizontalPadding: 12,
      backgroundColor: "var(--ground)", foregroundColor: "var(--ink)", textColor: "var(--ink)", accentColor: "var(--accent)",
      borderColor: "var(--line)", headerBackgroundColor: "var(--ground)", headerTextColor: "var(--ink-3)",
      chromeBackgroundColor: "var(--ground)", rowHoverColor: "var(--hover)", selectedRowBackgroundColor: "var(--accent-soft)",
      oddRowBackgroundColor: "var(--ground)", wrapperBorder: false, wrapperBorderRadius: 0, columnBorder: false,
      headerColumnResizeHandleColor: "transparent", browserColorScheme: "inherit", tooltipBackgroundColor: "var(--raised)",
      tooltipTextColor: "var(--ink)", focusShadow: "0 0 0 2px var(--accent)", inputFocusShadow: "0 0 0 2px var(--accent)",
    });
    return theme;
  };

  const h = function () { return window.React.createElement.apply(null, arguments); };

  /* A report's table keeps its room and is made when the pictures that came with it stand; then it is known how wide it is. */
  const saleslens = (window.saleslens = window.saleslens || {});
  saleslens.Table = function (props) {
    const React = window.React, state = React.useState(0), room = state[0], make = state[1], place = React.useRef(null);
    React.useEffect(function () {
      return saleslens.afterPictures(function () { make((place.current && place.current.clientWidth) || window.innerWidth); });
    }, []);
    const columns = React.useMemo(function () { return fitted(props.columnDefs, props.rowData || [], room); }, [props.columnDefs, props.rowData, room]);
    if (!room) return h("div", { className: "table-grid waiting", style: props.style, ref: place });
    return h(window.dash_ag_grid.AgGrid, Object.assign({}, props, { columnDefs: columns }));
  };
  saleslens.Table.dashRenderType = true;

  /* Where the columns have no room beside each other, what names the rows takes no more than it needs and stays while the figures scroll. */
  const NARROWEST = 64, WIDEST = 168, HEAD = 72;
  function wide(text) { return Array.from(text).reduce(function (sum, letter) { return sum + (letter > "\u2e80" ? 13.5 : 7.5); }, 0); }
  function fitted(columns, rows, room) {
    const least = columns.reduce(function (sum, column) { return sum + (column.hide ? 0 : column.minWidth || column.width || 0); }, 0);
    if (least <= room) return columns;
    const first = columns.findIndex(function (column) { return column.type === "rightAligned"; });
    const widths = columns.slice(0, Math.max(first, 0)).map(function (column) { return needed(column, rows); });
    let left = room / 2;
    return columns.map(function (column, at) {
      if (at >= widths.length) return column;
      left -= widths[at];
      return Object.assign({}, column, { flex: null, minWidth: widths[at], width: widths[at], pinned: at === 0 || left >= 0 ? "left" : column.pinned });
    });
  }
  function needed(column, rows) {
    const params = column.cellRendererParams || {};
    const longest = rows.reduce(function (most, row) {
      const text = String(row[column.field] === null || row[column.field] === undefined ? "" : row[column.field]);
      return Math.max(most, wide(text));
    }, rows.length ? Math.min(wide(column.headerName || ""), HEAD) : WIDEST);
    return Math.round(Math.min(WIDEST, Math.max(NARROWEST, longest + 26 + (params.fold ? 20 : 0) + (params.values ? 20 : 0))));
  }

  /* A table that goes on beyond its right edge says so. */
  functions.sideways = function (params) {
    const api = params.api, id = api.getGridId();
    const root = Array.from(document.querySelectorAll(".ag-root-wrapper")).find(function (one) { return one.getAttribute("grid-id") === id; });
    const box = root && root.closest(".table-grid");
    if (!box) return;
    const edge = api.getHorizontalPixelRange().right + 12;
    const beyond = api.getDisplayedCenterColumns().filter(function (column) { return column.getLeft() + column.getActualWidth() > edge; }).length;
    if (beyond) box.dataset.beyond = params.context.beyond.replace("{columns}", beyond); else delete box.dataset.beyond;
  };

  /* The number that a cell is: its measure, and the value of each dimension in its row. */
  function meant(props) {
    const cell = {};
    if (props.node.rowPinned) return { measure: props.measure, cell: cell };
    if (props.data.cell) return { measure: props.measure, cell: props.data.cell, view: props.data.view };
    props.dimensions.forEach(function (name) { if (name in props.data) cell[name] = props.data[name]; });
    return { measure: props.measure, cell: cell };
  }

  /* How far a number is from the compared one: rates in points, days in days, all else in percent; nothing over nothing. */
  function change(now, then, unit, points) {
    if (typeof now !== "number" || typeof then !== "number") return NOTHING;
    const signed = function (text, by) { return (/^[0.%]+( |$)/.test(text) ? "±" : by > 0 ? "+" : "−") + text; };
    const by = now - then;
    if (unit === "rate") return signed(Math.abs(by * 100).toFixed(1) + " " + points, by);
    if (unit === "days") return signed(WRITERS.days.format(Math.abs(by)), by);
    return then ? signed(WRITERS.rate.format(Math.abs(by / then)), by) : NOTHING;
  }

  components.Figure = function (props) {
    const text = untold(props) ? "" : functions.written(props.value, props.unit);
    const known = props.value !== null && props.value !== undefined;
    const parts = [];
    if (props.largest && props.value && known && !props.node.rowPinned) {
      const width = Math.min(100, Math.abs(props.value) / props.largest * 100);
      parts.push(h("span", { key: "bar", className: "cell-bar", style: { width: width + "%", background: "var(--" + props.tone + ")" } }));
    }
    if (props.clickable && known && !props.data.beyond) {
      parts.push(h("button", {
        key: "number", type: "button", className: "cell-number", tabIndex: -1,
        "aria-label": props.colDef.headerName + " " + text + ". " + props.records,
        onClick: function (event) { event.stopPropagation(); props.setData(meant(props)); },
      }, text));
    } else {
      parts.push(h("span", { key: "number", className: "cell-number", title: props.reason || null }, text));
    }
    const doubt = known && props.data.doubt && props.data.doubt[props.measure];
    if (doubt) parts.splice(parts.length - 1, 0, h("span", { key: "doubt", className: "cell-doubt", title: doubt[1], "aria-label": doubt[1] }, doubt[0]));
    const before = props.compared && known && props.data.before;
    const then = before && props.measure in before ? before : null;
    if (then) parts.push(h("span", {
      key: "change", className: "cell-change", title: props.compared + ": " + functions.written(then[props.measure], props.unit),
    }, change(props.value, then[props.measure], props.unit, props.points)));
    return h("span", { className: "cell-figure" + (props.largest ? " with-bar" : "") + (then ? " compared" : "") }, parts);
  };

  /* A name that leads one level down: the page is filtered by it, and the table of its parts opens. */
  components.Drill = function (props) {
    const text = props.value === null || props.value === undefined ? "" : String(props.value);
    const id = props.data && props.data[props.dimension];
    if (!props.data || props.node.rowPinned || props.data.beyond || props.values.indexOf(id) < 0) return text;
    return h("button", {
      type: "button", className: "drill", tabIndex: -1, title: props.hint,
      onClick: function (event) {
        event.stopPropagation();
        window.dash_clientside.set_props(props.filter, { value: [id] });
        window.dash_clientside.set_props(props.view, { value: props.to });
      },
    }, text, h("span", { className: "icon icon-chevron", "aria-hidden": true }));
  };

  components.Badge = function (props) {
    const look = props.badges[props.value];
    return look ? h("span", { className: "badge-state tone-" + look.tone }, look.label) : props.value || "";
  };

  components.Mark = function (props) {
    return props.value ? h("span", { className: "badge-state tone-overdue" }, props.value) : "";
  };

  components.RowLink = function (props) {
    const address = props.data && props.data[props.link];
    if (!address) return props.value === null || props.value === undefined ? "" : String(props.value);
    return h("a", { href: address, className: "row-link", tabIndex: -1, onClick: function (event) { event.stopPropagation(); follow(event, address); } }, String(props.value || NOTHING));
  };

  /* A plain click stays in the application; with a key or the middle button the browser does what it does with links. */
  saleslens.follow = follow;
  function follow(event, address) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    go(address);
  }

  function go(address) {
    window.history.pushState({}, "", address);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  }

  functions.openRow = function (params, link) {
    const address = params.data && params.data[link];
    if (!address) return null;
    if (params.type === "cellKeyDown") {
      if (params.event.key === "Enter") go(address);
    } else if (!params.event.target.closest("a, button, input") && !String(window.getSelection())) {
      go(address);
    }
    return null;
  };

  /* Rows that open over their parts: the server adds the parts, which stand under their row however the table is sorted. */
  functions.underParents = function (params) {
    const under = new Map();
    const heads = [];
    params.nodes.forEach(function (node) {
      const key = node.data.under;
      if (key === undefined) heads.push(node);
      else if (under.has(key)) under.get(key).push(node);
      else under.set(key, [node]);
    });
    const ordered = heads.flatMap(function (head) { return [head].concat(under.get(head.data.id) || []); });
    params.nodes.splice.apply(params.nodes, [0, params.nodes.length].concat(ordered));
  };
  components.Folding = function (props) {
    const text = props.valueFormatted || (props.value === null || props.value === undefined ? "" : String(props.value));
    if (props.node.rowPinned) return text;
    if (props.data.under !== undefined) return h("span", { className: "fold-part" }, text);
    const id = props.data[props.dimension], is = props.data.opened;
    const name = props.values ? components.Drill(props) : text;
    if (id === null || id === undefined) return h("span", { className: "fold-none" }, name);
    return h("span", { className: "fold-head" }, h("button", {
      type: "button", className: "fold", tabIndex: -1, "aria-expanded": !!is, title: is ? props.close : props.open,
      "aria-label": (is ? props.close : props.open) + ": " + text,
      onClick: function (event) { event.stopPropagation(); fold(props, id, is); },
    }, h("span", { className: "icon icon-chevron" + (is ? " turned" : "") })), name);
  };

  /* Tell which rows are to stand open; when the parts have come, the marks of the rows are drawn anew. A second press before that goes on from
     what was told, not from what is seen. */
  const told = new WeakMap();
  function seen(api, dimension) {
    const open = [];
    api.forEachNode(function (node) { if (node.data.opened) open.push(node.data[dimension]); });
    return open;
  }
  function fold(props, id, is) {
    const api = props.api, open = told.get(api) || seen(api, props.dimension);
    const values = is ? open.filter(function (other) { return other !== id; }) : open.concat([id]);
    function come() {
      if (seen(api, props.dimension).sort().join() === values.slice().sort().join()) told.delete(api);
      api.removeEventListener("rowDataUpdated", come);
      api.refreshCells({ columns: [props.column.getColId()], force: true });
    }
    told.set(api, values);
    api.addEventListener("rowDataUpdated", come);
    window.dash_clientside.set_props(props.fold, { data: { view: props.table, values: values } });
  }

  /* Enter on a focused cell presses what is in it; with Shift the last of what is in it: a row opens, or leads one level down. */
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || !event.target.classList || !event.target.classList.contains("ag-cell")) return;
    const buttons = event.target.querySelectorAll("button, a");
    const button = buttons[event.shiftKey ? buttons.length - 1 : 0];
    if (button) { event.preventDefault(); button.click(); }
  });
})();
