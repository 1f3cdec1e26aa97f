/* An order that people change: by dragging a row, or by its arrows. The wished order goes to the server, which draws the list anew. */
(function () {
  "use strict";
  let dragged = null;
  let focus = null;

  function rows() { return Array.from(document.querySelectorAll("#ordered > li[data-ordered]")); }

  function ids() { return rows().map((row) => Number(row.dataset.ordered)); }

  function wish(order) {
    if (String(order) !== String(ids())) window.dash_clientside.set_props("stages-order", { data: order });
  }

  function clear() { rows().forEach((row) => row.classList.remove("over", "over-below")); }

  function below(row, event) {
    const box = row.getBoundingClientRect();
    return event.clientY > box.top + box.height / 2;
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    const order = ids(), id = Number(button.dataset.stage), place = order.indexOf(id);
    const to = place + (button.dataset.move === "up" ? -1 : 1);
    if (place < 0 || to < 0 || to >= order.length) return;
    order.splice(place, 1);
    order.splice(to, 0, id);
    focus = { id: id, move: button.dataset.move, order: String(order) };
    wish(order);
  });

  document.addEventListener("dragstart", function (event) {
    const row = event.target.closest && event.target.closest("li[data-ordered]");
    if (!row) return;
    dragged = Number(row.dataset.ordered);
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", String(dragged));
  });

  document.addEventListener("dragover", function (event) {
    const row = dragged !== null && event.target.closest("li[data-ordered]");
    if (!row) return;
    event.preventDefault();
    clear();
    row.classList.add(below(row, event) ? "over-below" : "over");
  });

  document.addEventListener("drop", function (event) {
    const row = dragged !== null && event.target.closest("li[data-ordered]");
    clear();
    if (!row) return;
    event.preventDefault();
    const order = ids().filter((id) => id !== dragged);
    const place = order.indexOf(Number(row.dataset.ordered));
    if (place >= 0) {
      order.splice(place + (below(row, event) ? 1 : 0), 0, dragged);
      wish(order);
    }
  });

  document.addEventListener("dragend", function () { dragged = null; clear(); });

  /* Who moves a row by its arrow goes on with the same row where it stands now, once the list is drawn in the new order. */
  new MutationObserver(function () {
    if (!focus || String(ids()) !== focus.order) return;
    const row = document.querySelector('li[data-ordered="' + focus.id + '"]');
    const found = row.querySelector('[data-move="' + focus.move + '"]:not(:disabled)') || row.querySelector("[data-move]:not(:disabled)");
    if (found && found !== document.activeElement) found.focus();
    focus = null;
  }).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-ordered"] });
})();
