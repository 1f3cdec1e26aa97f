/* The list of opportunities: what is asked for stands in the address, and the rows are read anew when it changes. */
(function () {
  "use strict";
  const NAMES = ["q", "status", "stage", "team", "rep", "source"];

  function address(asked) {
    const query = new URLSearchParams();
    Object.entries(asked).forEach(function (pair) {
      [].concat(pair[1]).forEach(function (value) { if (value !== null && value !== "") query.append(pair[0], value); });
    });
    return String(query);
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.opportunities = {
    ask: function () {
      const asked = {};
      NAMES.forEach((name, place) => {
        const value = arguments[place];
        if (value && value.length) asked[name] = value;
      });
      const before = arguments[NAMES.length] || {};
      return address(asked) === address(before) ? window.dash_clientside.no_update : asked;
    },

    reread: function (asked) {
      const query = address(asked);
      window.history.replaceState(window.history.state, "", window.location.pathname + (query ? "?" + query : ""));
      document.querySelectorAll("a[id^=opportunities-export-]").forEach(function (link) {
        link.href = link.pathname + (query ? "?" + query : "");
      });
      window.dash_ag_grid.getApiAsync("opportunities-table-main").then(function (api) {
        api.ensureIndexVisible(0);
        api.purgeInfiniteCache();
      });
      return window.dash_clientside.no_update;
    },
  };
})();
