/* The page hears of changes: once a second it asks what is new, and tells the stores that pages listen to.
   A page out of sight asks less often; one whose session is over says so, and what was typed stays. */
(function () {
  "use strict";
  const EVERY = 1000, OUT_OF_SIGHT = 10000;
  let known = "";
  const stamps = new WeakMap();

  function tell(id, data) { window.dash_clientside.set_props(id, { data: data }); }

  /* The open record's page names it by a token, and how it stood when it was drawn. */
  function watching() { return document.querySelector("[data-watch]"); }

  /* What the open page reads of the reports' data: only a change of that is news to it. */
  function reading() {
    const page = document.querySelector("[data-reads]");
    return page ? page.dataset.reads : "";
  }

  /* A report says since when what was committed waits to be shown, and no longer than that is so, also while nothing is drawn anew. */
  function sayBehind(since) {
    document.querySelectorAll(".behind[data-words]").forEach(function (line) {
      const words = since ? line.dataset.words.replace("{time}", since) : "";
      if (line.textContent !== words) line.textContent = words;
    });
  }

  function heard(news, reads, watched) {
    const version = { of: reads, position: news.position, here: news.here, mine: news.mine };
    if (reads === reading() && JSON.stringify(version) !== known) {
      known = JSON.stringify(version);
      tell("version", version);
    }
    sayBehind(news.behind);
    const bell = document.getElementById("unread");
    if (bell) bell.textContent = news.unread ? String(news.unread) : "";
    if (watched && watched === watching() && news.stamp !== null) {
      if (news.stamp !== (stamps.get(watched) || watched.dataset.stamp)) tell("watched", { stamp: news.stamp });
      stamps.set(watched, news.stamp);
    }
  }

  /* Signing in again in another window is enough: what was typed here stays, and the line goes away. */
  function signedOut(is) {
    const place = document.getElementById("signed-out");
    if (place) place.hidden = !is;
  }

  let waiting = null;
  async function ask() {
    clearTimeout(waiting);
    const watched = watching(), reads = reading();
    const asked = new URLSearchParams();
    if (reads) asked.set("reads", reads);
    if (watched) asked.set("watch", watched.dataset.watch);
    try {
      const answer = await fetch("/live?" + asked, { cache: "no-store" });
      signedOut(answer.status === 401);
      if (answer.ok) heard(await answer.json(), reads, watched);
    } catch (unreachable) { /* the network comes back, or the next page says what is wrong */ }
    waiting = setTimeout(ask, document.hidden ? OUT_OF_SIGHT : EVERY);
  }

  document.addEventListener("visibilitychange", function () { if (!document.hidden) ask(); });
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
