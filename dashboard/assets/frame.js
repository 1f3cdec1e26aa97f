/* What needs no server: folding the menu, the drawer, the theme, copied links, what closes by Esc or a click beside it.
   One listener each; a control says what it does by `data-act`. */
(function () {
  "use strict";
  const root = document.documentElement;
  const KEPT = "saleslens-menu";
  const narrow = window.matchMedia("(max-width: 860px)");

  try { if (window.localStorage.getItem(KEPT) === "closed") root.dataset.menu = "closed"; } catch (refused) { /* open, then */ }

  const acts = {
    menu: function () {
      if (narrow.matches) {
        root.dataset.drawer = root.dataset.drawer === "open" ? "" : "open";
        if (root.dataset.drawer === "open") { const first = document.querySelector(".side-menu a"); if (first) first.focus(); }
        return;
      }
      root.dataset.menu = root.dataset.menu === "closed" ? "" : "closed";
      try { window.localStorage.setItem(KEPT, root.dataset.menu); } catch (refused) { /* lasts as long as the page */ }
      window.dispatchEvent(new Event("resize"));
    },
    theme: function () { window.saleslens.toggleTheme(); },
    print: function () { window.saleslens.print(); },
    filters: function (button) {
      const open = button.closest(".page").querySelector(".filter-bar").classList.toggle("open");
      button.setAttribute("aria-expanded", String(open));
    },
    png: function (button) { window.saleslens.savePicture(button.dataset.graph, button.dataset.name); },
    twin: function (button) {
      const tabs = document.getElementById(button.dataset.tables);
      const chosen = tabs.querySelector("input[value='" + button.dataset.view + "']");
      if (!chosen || !chosen.checked) window.dash_clientside.set_props(button.dataset.tables, { value: button.dataset.view });
      tabs.scrollIntoView({ block: "start" });
      if (chosen) chosen.focus({ preventScroll: true });
    },
    "copy-link": function (button) {
      const before = button.textContent;
      navigator.clipboard.writeText(window.location.href).then(function () {
        button.textContent = button.dataset.done;
        setTimeout(function () { button.textContent = before; }, 1600);
      });
    },
  };

  document.addEventListener("click", function (event) {
    const actor = event.target.closest("[data-act]");
    if (actor && acts[actor.dataset.act]) acts[actor.dataset.act](actor);
    document.querySelectorAll("details.popper[open]").forEach(function (details) {
      if (!details.contains(event.target)) details.removeAttribute("open");
    });
    if (event.target.closest(".side-menu a")) root.dataset.drawer = "";
  });

  document.addEventListener("keydown", function (event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      const search = document.getElementById("search-open");
      if (search) { event.preventDefault(); search.click(); }
    }
    if (event.key !== "Escape") return;
    const details = document.querySelector("details.popper[open]");
    if (details) { details.removeAttribute("open"); details.querySelector("summary").focus(); return; }
    if (root.dataset.drawer === "open") { root.dataset.drawer = ""; return; }
    const close = document.querySelector(".panel.open .panel-close");
    if (close && !document.querySelector(".modal.show, [data-radix-popper-content-wrapper]")) close.click();
  });

  /* A control whose maker calls it by its value, or by what it says while empty, is called by its label first. */
  let labels = 0;
  function call(label) {
    const control = document.getElementById(label.htmlFor);
    if (!control || !control.matches(".dash-dropdown, .dash-datepicker-input")) return;
    label.id = "label-" + (labels += 1);
    control.setAttribute("aria-labelledby", [label.id, control.getAttribute("aria-labelledby")].filter(Boolean).join(" "));
  }

  /* What the markup of others lacks for those who don't see it: the menu's current entry says so, a dropdown itself and not its inner anchor is
     a stop for the keyboard, a date's frame does not claim to be a button and what empties it is one; radio buttons are radio buttons,
     check boxes are check boxes. */
  function mend() {
    waiting = false;
    document.querySelectorAll(".menu-entry").forEach(function (entry) {
      const here = window.location.pathname.startsWith(entry.getAttribute("href"));
      entry.classList.toggle("active", here);
      if (here) entry.setAttribute("aria-current", "page"); else entry.removeAttribute("aria-current");
    });
    document.querySelectorAll(".dash-dropdown-focus-target[tabindex='0']").forEach(function (box) { box.tabIndex = -1; });
    document.querySelectorAll("button.dash-dropdown[tabindex='-1']").forEach(function (button) { button.tabIndex = 0; });
    document.querySelectorAll("label[for]:not([id])").forEach(call);
    document.querySelectorAll(".dash-datepicker-input-wrapper[aria-expanded]").forEach(function (frame) {
      frame.removeAttribute("aria-expanded");
      frame.removeAttribute("aria-haspopup");
    });
    document.querySelectorAll(".dash-datepicker-clear:not([role])").forEach(function (clear) { clear.setAttribute("role", "button"); });
    document.querySelectorAll(".dash-radioitems[role=listbox]").forEach(function (list) { list.setAttribute("role", "radiogroup"); });
    document.querySelectorAll(".dash-checklist[role=listbox]").forEach(function (list) { list.setAttribute("role", "group"); });
    document.querySelectorAll(":is(.dash-radioitems, .dash-checklist) [role=option]").forEach(function (label) {
      label.removeAttribute("role");
      label.removeAttribute("aria-selected");
    });
    document.querySelectorAll(":is(.dash-radioitems, .dash-checklist) [aria-selected]").forEach(function (label) { label.removeAttribute("aria-selected"); });
  }
  let waiting = false;
  new MutationObserver(function () {
    if (!waiting) { waiting = true; window.requestAnimationFrame(mend); }
  }).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["class", "aria-expanded", "aria-selected"] });
})();
