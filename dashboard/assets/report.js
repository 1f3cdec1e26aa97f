/* What a report's page does without the server: its controls, chips and address hold one state; a click says which number is meant;
   a new data version redraws an idle page. */
(function () {
  "use strict";
  const dc = (window.dash_clientside = window.dash_clientside || {});
  const keep = function () { return dc.no_update; };

  /* The ids of this callback's inputs end in the name of the filter: "loss_analysis-filter-team". */
  function names(list) {
    return list.map(function (item) { return item.id.split("-filter-")[1]; });
  }

  function same(a, b) { return JSON.stringify(a) === JSON.stringify(b); }

  /* What a cleared control leaves behind. */
  function cleared(name, value) {
    if (name === "period") return "this_month";
    if (name === "compare") return "none";
    return Array.isArray(value) ? [] : null;
  }

  /* The pages that have written their address once. */
  const written = new WeakSet();

  /* Dash draws a page when the address differs from the last one it was told of, and of our steps it was not told. So where "back" leads to the
     very address that it last knew, it is told again. */
  let known = window.location.pathname + window.location.search;
  ["popstate", "_dashprivate_pushstate"].forEach(function (moved) {
    window.addEventListener(moved, function () {
      const now = window.location.pathname + window.location.search;
      if (now === known && /^\/reports\//.test(now)) dc.set_props("_pages_location", { search: window.location.search });
      known = now;
    });
  });

  dc.report = {
    /* Controls → the one state. A day that is typed makes the period a custom one; half of a custom period changes nothing yet. */
    collect: function () {
      const values = Array.from(arguments);
      const before = values.pop() || {};
      const fields = names(dc.callback_context.inputs_list);
      const chosen = {};
      fields.forEach(function (name, at) {
        const value = values[at];
        if (value !== null && value !== undefined && value !== "" && !(Array.isArray(value) && !value.length)) chosen[name] = value;
      });
      const by = (dc.callback_context.triggered[0] || { prop_id: "" }).prop_id;
      if (/-filter-(start|end)\.date$/.test(by) && chosen.start && chosen.end) chosen.period = "custom";
      if (chosen.period === "custom" && !(chosen.start && chosen.end)) return [keep(), keep()];
      if (chosen.period !== "custom") { delete chosen.start; delete chosen.end; }
      return [same(chosen, before) ? keep() : chosen, chosen.period];
    },

    /* A chip takes one value out, "reset" all of them. */
    unset: function () {
      const values = Array.from(arguments).slice(2);
      const by = dc.callback_context.triggered_id;
      const pressed = (dc.callback_context.triggered[0] || {}).value;
      const fields = names(dc.callback_context.outputs_list);
      if (!by || !pressed) return values.map(keep);
      return fields.map(function (name, at) {
        if (typeof by === "string") return cleared(name, values[at]);
        if (name !== by.name) return keep();
        if (!Array.isArray(values[at])) return cleared(name, values[at]);
        return values[at].filter(function (value) { return String(value) !== String(by.value); });
      });
    },

    /* The address says what the page shows, so that it can be sent to a colleague; each change is a step that "back" undoes. What the page
       shows first is no step: the address is only written out. An answer that comes when the page was left already writes nothing into the
       address of the next one. */
    address: function (query) {
      if (query === null || query === undefined) return keep();
      const report = dc.callback_context.inputs_list[0].id.replace(/-address$/, "");
      const page = document.getElementById(report + "-body");
      if (!page || window.location.pathname !== "/reports/" + report) return keep();
      const wanted = "?" + query;
      const step = written.has(page) && window.location.search !== wanted;
      written.add(page);
      if (step) window.history.pushState({}, "", window.location.pathname + wanted);
      else if (window.location.search !== wanted) window.history.replaceState(window.history.state, "", window.location.pathname + wanted);
      return keep();
    },

    /* Which number was clicked: of the headline, of the table, of a picture. */
    clicked: function () {
      const values = Array.from(arguments);
      const view = values[values.length - 2];
      const drawnFrom = values[values.length - 1];
      const trigger = dc.callback_context.triggered[0];
      if (!trigger || !trigger.value) return keep();
      const by = dc.callback_context.triggered_id;
      if (/-cards$/.test(by)) return { measure: trigger.value.measure, cell: {}, view: "headline", at: trigger.value.at };
      if (/cellRendererData$/.test(trigger.prop_id)) {
        const meant = trigger.value.value || {};
        return { measure: meant.measure, cell: meant.cell || {}, view: meant.view || view, at: Date.now() };
      }
      const point = (trigger.value.points || [])[0];
      const data = point && point.customdata;
      if (!data || !data.measure) return keep();
      return { measure: data.measure, cell: data.cell || {}, view: drawnFrom[by], at: Date.now() };
    },

    /* An open panel is asked for again once its page was drawn anew. */
    redrawn: function (_shown, panel, clicked) {
      return /open/.test(panel || "") && clicked ? Object.assign({}, clicked, { at: Date.now() }) : keep();
    },

    /* What the filters offer is asked for again when a name has changed since. */
    renamed: function (shown, names) {
      return shown && names !== null && names !== undefined && shown.names !== names ? shown.names : keep();
    },

    /* An idle page follows the data, the person's reach and the day; one in use is told. Who looks at records and saved something themselves
       sees it: the news are theirs. `version` is of the report that was open when it was heard. */
    fresh: function (version, _clicks, panel, shown) {
      const report = dc.callback_context.outputs_list[0].id.replace(/-version$/, "");
      if (!version || version.of !== report || !shown || (version.position <= shown.version && version.here === shown.here)) return [keep(), true];
      const pressed = /news-show/.test((dc.callback_context.triggered[0] || { prop_id: "" }).prop_id);
      const theirs = version.position > shown.version && version.mine >= version.position;
      const busy = (/open/.test(panel || "") && !theirs) || isTyping() || !window.getSelection().isCollapsed;
      return pressed || !busy ? [version.position, true] : [keep(), false];
    },

    /* What was heard while the page was being drawn is weighed again once it is known what was drawn. */
    drawn: function (_shown, version) {
      if (version) dc.set_props("version", { data: version });
    },
  };

  function isTyping() {
    const at = document.activeElement;
    return !!at && (/^(INPUT|TEXTAREA)$/.test(at.tagName) && at.type !== "radio" || !!at.closest(".dash-dropdown-content, .dash-datepicker"));
  }
})();
