/* The calendar speaks the page's language: Dash looks for its words in `window.dateFns.locale` and, finding none, speaks English.
   So a Chinese page loads the Chinese words, and an English page nothing. */
(function () {
  "use strict";
  if (document.documentElement.lang.slice(0, 2) !== "zh") return;
  const here = document.currentScript ? document.currentScript.src.replace(/[^/]*$/, "") : "/assets/";
  const script = document.createElement("script");
  script.src = here + "vendor/date-fns-zh-3.6.0.min.js";
  document.head.appendChild(script);
})();
