/* The page hears of changes: once a second it asks what is new, and tells the stores that pages listen to.
   A page out of sight asks less often; one whose session is over says so, and what was typed stays. */
(function () {
  "use strict";
  window.saleslens = window.saleslens || {};
  const EVERY = 1000, OUT_OF_SIGHT = 10000;
  const known = { position: null, behind: null, unread: null, stamp: null };
  let over = false;

  function tell(id, data) { window.dash_clientside.set_props(id, { data: data }); }

  function heard(news) {
    if (known.position !== null && (news.position !== known.position || news.behind !== known.behind)) tell("version", news.position);
    if (news.stamp !== null && window.saleslens.watched && news.stamp !== known.stamp) {
      if (known.stamp !== null) tell("watched", { token: window.saleslens.watched, stamp: news.stamp });
    }
    if (news.unread !== known.unread) {
      document.querySelectorAll("[data-unread]").forEach(function (mark) { mark.dataset.unread = news.unread; });
    }
    Object.assign(known, news);
  }

  function signedOut() {
    over = true;
    const place = document.getElementById("signed-out");
    if (place) place.className = "shown";
  }

  async function ask() {
    if (over) return;
    const watched = window.saleslens.watched || "";
    try {
      const answer = await fetch("/live" + (watched ? "?watch=" + encodeURIComponent(watched) : ""), { cache: "no-store" });
      if (answer.status === 401) { signedOut(); return; }
      if (answer.ok && watched === (window.saleslens.watched || "")) heard(await answer.json());
    } catch (unreachable) { /* the network comes back, or the next page says what is wrong */ }
    setTimeout(ask, document.hidden ? OUT_OF_SIGHT : EVERY);
  }

  document.addEventListener("visibilitychange", function () { if (!document.hidden && !over) ask(); });
  if (document.getElementById("react-entry-point")) ask();

  /* The theme chosen in this browser becomes the person's. */
  new MutationObserver(function () {
    const cookie = /(?:^|; )_csrf_token=([^;]*)/.exec(document.cookie);
    const theme = document.documentElement.dataset.theme;
    if (!theme || !cookie) return;
    fetch("/profile/theme", {
      method: "POST", body: new URLSearchParams({ theme: theme }), headers: { "X-CSRFToken": decodeURIComponent(cookie[1]) },
    });
  }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.saleslens = Object.assign(window.dash_clientside.saleslens || {}, {
    reload: function (chosen) {
      if (chosen) window.location.reload();
      return window.dash_clientside.no_update;
    },
  });
})();
