/* The panel of records by keyboard: it takes the focus when it opens or explains another number, and gives it back when it closes. */
(function () {
  "use strict";
  let from = null;    // what had the focus last, outside of the panel
  let asked = false;  // a number was pressed, and the panel has not answered yet

  document.addEventListener("focusin", function (event) { if (!event.target.closest(".panel")) from = event.target; });
  document.addEventListener("click", function (event) {
    if (event.target.closest(".card-value, button.cell-number, .js-plotly-plot") && !event.target.closest(".panel")) asked = true;
  });

  /* A page that was drawn anew meanwhile has another element in the same place. */
  function again(element) {
    return element && (element.isConnected ? element : element.id && document.getElementById(element.id));
  }

  function enter(panel) {
    const head = panel.querySelector("h2, .failed, .empty") || panel;
    asked = false;
    head.tabIndex = -1;
    head.focus({ preventScroll: true });
  }

  function leave(panel) {
    const back = again(from);
    if (back && (document.activeElement === document.body || panel.contains(document.activeElement))) back.focus({ preventScroll: true });
  }

  new MutationObserver(function (changes) {
    changes.forEach(function (change) {
      const node = change.target, panel = node.nodeType === 1 ? node.closest(".panel") : node.parentElement && node.parentElement.closest(".panel");
      if (!panel) return;
      const open = panel.classList.contains("open");
      if (change.type !== "attributes") { if (open && asked) enter(panel); return; }
      if (node !== panel || / open/.test(change.oldValue || "") === open) return;
      if (open) setTimeout(function () { enter(panel); }, A_MOMENT); else leave(panel);
    });
  }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["class"], attributeOldValue: true });

  const A_MOMENT = 50; // until what was hidden can be focused
})();
