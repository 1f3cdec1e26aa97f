/* Lists of records: what is asked for stands in the address, and the rows are read anew when it changes. */
(function () {
  "use strict";

  function address(asked) {
    const query = new URLSearchParams();
    Object.entries(asked).forEach(function (pair) {
      [].concat(pair[1]).forEach(function (value) { if (value !== null && value !== "") query.append(pair[0], value); });
    });
    return String(query);
  }

  /* The state of the page in its address, and in those of its files. */
  function write(list, asked, sorted) {
    const query = address(sorted ? Object.assign({}, asked, { sort: sorted.colId, dir: sorted.sort }) : asked);
    window.history.replaceState(window.history.state, "", window.location.pathname + (query ? "?" + query : ""));
    document.querySelectorAll("a[id^=" + list + "-export-]").forEach(function (link) {
      link.href = link.pathname + (query ? "?" + query : "");
    });
  }

  function order(api) {
    return api.getColumnState().find(function (column) { return column.sort; });
  }

  /* What is ticked stays ticked when the rows are read anew, if it is among the first of them; what is not seen any more is not acted on. */
  function keepTicked(api) {
    if (!api.getSelectedNodes().length) return;
    const settle = function () {
      const first = api.getDisplayedRowAtIndex(0);
      if (first && !first.data && api.getDisplayedRowCount()) return;
      api.removeEventListener("modelUpdated", settle);
      const gone = api.getSelectedNodes().filter(function (node) { return !api.getRowNode(node.id); });
      if (gone.length) api.setNodesSelected({ nodes: gone, newValue: false });
    };
    setTimeout(function () { api.addEventListener("modelUpdated", settle); }, 0);
  }

  const asking = {};

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.list = {
    ask: function () {
      const before = arguments[arguments.length - 1] || {}, said = arguments[arguments.length - 2];
      const asked = {};
      said.names.forEach((name, place) => {
        const value = arguments[place];
        if (value && value.length) asked[name] = value;
      });
      return address(asked) === address(before) ? window.dash_clientside.no_update : asked;
    },

    keep: function (clicks, name) {
      return clicks ? { name: name, state: window.location.search, at: clicks } : window.dash_clientside.no_update;
    },

    show: function (shown, options, said) {
      window.dash_ag_grid.getApiAsync(said.list + "-table-main").then(function (api) {
        const all = options.map(function (option) { return option.value; });
        api.setColumnsVisible(all.filter(function (key) { return !shown.includes(key); }), false);
        api.setColumnsVisible(shown, true);
      });
      return window.dash_clientside.no_update;
    },

    reread: function (asked, said) {
      asking[said.list] = asked;
      window.dash_ag_grid.getApiAsync(said.list + "-table-main").then(function (api) {
        write(said.list, asked, order(api));
        keepTicked(api);
        api.ensureIndexVisible(0);
        api.purgeInfiniteCache();
      });
      return window.dash_clientside.no_update;
    },

    /* Something was taken back: the rows of the open list are read anew, any other page is loaded again. */
    again: function (taken) {
      const table = document.querySelector("[id$='-table-main']");
      if (!taken) return window.dash_clientside.no_update;
      if (!table) window.location.reload();
      else window.dash_ag_grid.getApiAsync(table.id).then(function (api) { api.deselectAll(); api.purgeInfiniteCache(); });
      return window.dash_clientside.no_update;
    },
  };

  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  /* The order is part of the address too; the filters are those that stand there. */
  functions.listSorted = function (params, list) {
    const standing = {};
    new URLSearchParams(window.location.search).forEach(function (value, name) {
      if (name !== "sort" && name !== "dir") standing[name] = (standing[name] || []).concat([value]);
    });
    write(list, asking[list] || standing, order(params.api));
    return null;
  };
})();
