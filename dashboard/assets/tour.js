/* The guided tour (dashboard/components/tour.py): from stop to stop, and ended for good, for the person and not for this browser. */
(function () {
  "use strict";

  function go(tour, by) {
    const stops = Array.from(tour.querySelectorAll(".tour-stop"));
    const to = stops.findIndex(function (stop) { return !stop.hidden; }) + by;
    if (to >= stops.length) { end(tour); return; }
    stops.forEach(function (stop, place) { stop.hidden = place !== to; });
    tour.dataset.at = stops[to].dataset.stop;
    tour.querySelector(".tour-count").textContent = to + 1 + " / " + stops.length;
    tour.querySelector("[data-act=tour-back]").disabled = to === 0;
    const next = tour.querySelector("[data-act=tour-next]");
    next.textContent = to === stops.length - 1 ? next.dataset.last : next.dataset.on;
    if (to === 0) next.focus();
  }

  function keep(over) {
    const cookie = /(?:^|; )_csrf_token=([^;]*)/.exec(document.cookie);
    return fetch("/profile/tour", {
      method: "POST", body: new URLSearchParams({ over: over ? "yes" : "no" }),
      headers: { "X-CSRFToken": cookie ? decodeURIComponent(cookie[1]) : "" },
    });
  }

  function end(tour) {
    tour.hidden = true;
    tour.dataset.at = "";
    document.getElementById("content").focus();
    keep(true);
  }

  const acts = {
    "tour-next": function (tour) { go(tour, 1); },
    "tour-back": function (tour) { go(tour, -1); },
    "tour-end": end,
  };

  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-act^=tour-]");
    if (!button) return;
    if (button.dataset.act === "tour-again") keep(false).then(function () { window.location.assign("/"); });
    else acts[button.dataset.act](button.closest("#tour"));
  });
})();
